// Whether this tab stands in the practice area: until somebody leaves it, or closes the app.
import { signal } from "@preact/signals";

const KEPT = "nuong-practising";

export const practising = signal(kept());

export function practise(on: boolean): void {
  practising.value = on;
  try {
    if (on) sessionStorage.setItem(KEPT, "yes");
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Without it a reload leads back to the real book.
  }
}

function kept(): boolean {
  try {
    return sessionStorage.getItem(KEPT) === "yes";
  } catch {
    return false;
  }
}
