// In which field of which form somebody stands. A phone's system ends the app while its camera is open: the app comes back there.
// Must never lead one tab into a form that stands open in another.
import { useEffect } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { book } from "../app";
import type { Book } from "../store/book";

interface Place {
  route: string;
  /** The id of the control; empty while none was touched. */
  field: string;
}

let comingBack: Place | undefined;
/** Whether `comingBack` was reached. A page arrives at its address, and once more when its piece of the app is there. */
let arrived = false;

/** This screen is where its person stands, until it is left; what they touch is where they come back to. */
export function useStanding(): { onFocusCapture(event: FocusEvent): void } {
  const [route] = useLocation();
  useEffect(() => {
    const { database, user } = book();
    const left = new AbortController();
    void navigator.locks
      .request(lockOf(user), { signal: left.signal }, () => new Promise<void>((done) => left.signal.addEventListener("abort", () => done())))
      .catch(() => undefined);
    if (comingBack?.route !== route) void note(database, { route, field: "" });
    return () => {
      left.abort();
      void database.delete("meta", "standing").catch(() => undefined);
    };
  }, [route]);
  return {
    onFocusCapture: (event) => {
      const field = (event.target as Element).closest("[id^='f-']")?.id;
      if (field) void note(book().database, { route, field });
    },
  };
}

/** Let the next arrival at *route* stand at one of its controls. */
export function standAt(route: string, field: string): void {
  comingBack = { route, field };
  arrived = false;
}

/** Go back to the form that stood open when the app was ended, if one did. */
export async function comeBack({ database, user }: Book): Promise<void> {
  const found = (await database.get("meta", "standing")) as Place | undefined;
  if (!found) return;
  // Whoever holds the lock lives, and stands there.
  const free = await navigator.locks.request(lockOf(user), { ifAvailable: true }, (lock) => Promise.resolve(lock !== null));
  const here = location.hash.slice(1) || "/";
  if (!free || (here !== "/" && here !== found.route)) return;
  comingBack = found;
  history.replaceState({}, "", `#${found.route}`);
}

/** The control to stand at on arriving at *route*: as often as it arrives, until somewhere else is arrived at. */
export function fieldOnArrival(route: string): HTMLElement | null {
  if (comingBack?.route !== route) {
    if (arrived) comingBack = undefined;
    return null;
  }
  arrived = true;
  const found = comingBack.field ? document.getElementById(comingBack.field) : null;
  found?.closest("details")?.setAttribute("open", "");
  return found;
}

const lockOf = (user: string) => `nuong-form-${user}`;

async function note(database: Book["database"], place: Place): Promise<void> {
  // A full disk: then the app opens at home, where the draft stands too.
  await database.put("meta", place, "standing").catch(() => undefined);
}
