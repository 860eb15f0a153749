// What every screen can reach: the book, the triggers, where the app stands.
import { signal } from "@preact/signals";
import type { Book } from "./store/book";
import type { Loss } from "./store/lost";
import { lastStorage } from "./store/storage";
import type { Triggers } from "./sync/triggers";

export interface Boot {
  root: string;
  mapCss: string;
  /** An online map that the centre names, and whose it is; absent where it names none. */
  tiles?: string;
  tilesAttribution?: string;
  version: string;
}

export const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;

interface Open {
  book: Book;
  triggers: Triggers;
}

/** The signed-in person's book; null: nobody is signed in on this phone; undefined: still looking. */
export const open = signal<Open | null | undefined>(undefined);
/** What the browser threw away on this phone and nobody here has read of yet. */
export const unreadLosses = signal<Loss[]>([]);
/** How safe what is kept here is, as far as the browser says. */
export const storage = signal(lastStorage());
/** Why the book does not open: another tab holds on to it, or a newer app has been here. */
export const opening = signal<"held" | "newer" | null>(null);

export function book(): Book {
  if (!open.value) throw new Error("no book is open");
  return open.value.book;
}

/** What was just done, said once, with a way back for ten seconds. */
export interface Said {
  text: string;
  undo?: () => Promise<unknown>;
}

export const said = signal<Said | null>(null);
let clear: ReturnType<typeof setTimeout> | undefined;

export function tell(text: string, undo?: () => Promise<unknown>): void {
  said.value = undo ? { text, undo } : { text };
  clearTimeout(clear);
  clear = setTimeout(() => (said.value = null), 10_000);
}

const NOBODY_LOOKS = 100; // ms

/** Settles once what was said just now stands on the screen: when the next frame begins. Soon where nobody looks and none is drawn. */
export function onScreen(): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, NOBODY_LOOKS);
    requestAnimationFrame(() => requestAnimationFrame(() => (clearTimeout(late), resolve())));
  });
}
