// Whether this officer wants the online map that the centre names. Off unless they said so.
import { boot } from "../app";

const KEPT = "nuong-online-map";

export function isOnline(): boolean {
  try {
    return !!boot.tiles && localStorage.getItem(KEPT) === "yes";
  } catch {
    return false;
  }
}

export function putOnline(on: boolean): void {
  try {
    localStorage.setItem(KEPT, on ? "yes" : "no");
  } catch {
    // Nothing is kept here: then it stays off.
  }
}
