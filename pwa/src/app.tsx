// What every screen can reach: the book, the triggers, where the app stands.
import { signal } from "@preact/signals";
import type { Book } from "./store/book";
import type { Triggers } from "./sync/triggers";

export interface Boot {
  root: string;
  map: string;
  mapCss: string;
  version: string;
}

export const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;

interface Open {
  book: Book;
  triggers: Triggers;
}

/** The signed-in person's book; null: nobody is signed in on this phone; undefined: still looking. */
export const open = signal<Open | null | undefined>(undefined);
export const storageWasLost = signal(false);

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
