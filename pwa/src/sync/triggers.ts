// When a sync is tried: on opening, when the connection comes back, when the app is looked at, by a button, by the
// browser itself where it has Background Sync; and after a link that broke, soon again and then less and less often.
import { effect, signal } from "@preact/signals";
import type { Book } from "../store/book";
import { PASSING, sync, type Outcome } from "./run";

export const syncing = signal(false);

/** From a save to the sync that takes it along: the screen that follows a save comes first. */
const AFTER_A_SAVE = 400;
const SOON = 1_000;
const SELDOM = 5 * 60_000;

/** Milliseconds until the next try after so many in a row that failed: each time twice as long, up to five minutes; and
 * never the same for two phones, or all of a valley would come back at once. *chance* is from 0 to 1. */
export function patience(failures: number, chance = Math.random()): number {
  return Math.min(SELDOM, SOON * 2 ** (failures - 1)) * (0.5 + chance / 2);
}

export class Triggers {
  private again = false;
  private failures = 0;
  private next: ReturnType<typeof setTimeout> | undefined;
  private readonly ended = new AbortController();
  private readonly stop: (() => void)[] = [];

  constructor(
    private readonly book: Book,
    private readonly root: string,
    private readonly version: string,
    private readonly language: () => string,
  ) {}

  begin(): void {
    const now = () => void this.now();
    const seen = () => document.visibilityState === "visible" && void this.now();
    addEventListener("online", now);
    document.addEventListener("visibilitychange", seen);
    this.stop.push(() => removeEventListener("online", now));
    this.stop.push(() => document.removeEventListener("visibilitychange", seen));
    // Whenever something new waits: now if there is a link, and else as soon as the browser finds one.
    let before = 0;
    let next: ReturnType<typeof setTimeout> | undefined;
    const send = () => {
      void this.register();
      if (navigator.onLine) void this.now();
    };
    this.stop.push(
      effect(() => {
        const waiting = this.book.counts.value.waiting;
        if (waiting > before) {
          clearTimeout(next);
          next = setTimeout(send, AFTER_A_SAVE);
        }
        before = waiting;
      }),
    );
    this.stop.push(() => clearTimeout(next));
    void this.now();
  }

  end(): void {
    for (const each of this.stop) each();
    clearTimeout(this.next);
    // A request that hangs holds up neither who leaves nor who comes next.
    this.ended.abort();
    syncing.value = false;
  }

  /** Try now; a press while one is running tries once more after it. */
  async now(): Promise<Outcome | null> {
    const ended = this.ended.signal;
    if (ended.aborted) return null;
    if (syncing.value) {
      this.again = true;
      return null;
    }
    syncing.value = true;
    clearTimeout(this.next);
    const waited = this.book.counts.value.waiting;
    try {
      let outcome: Outcome;
      do {
        this.again = false;
        outcome = await sync({
          root: this.root,
          user: this.book.user,
          language: this.language(),
          version: this.version,
          onNews: (records) => this.book.refresh(records === "all" ? { all: true } : { records }),
          onGoing: (changes) => this.book.markGoing(changes),
          stop: ended,
        });
      } while (!ended.aborted && this.again && (outcome === "all_sent" || outcome === "some_refused"));
      this.plan(outcome, this.book.counts.value.waiting < waited);
      if (outcome === "no_room") this.book.lastTry.value = { at: Date.now(), outcome };
      return outcome;
    } finally {
      if (!ended.aborted) syncing.value = false;
    }
  }

  /** No event tells of most links that come back: after a try that failed there is another, soon if this one got on. */
  private plan(outcome: Outcome, gotOn: boolean): void {
    if (!PASSING.has(outcome) || this.ended.signal.aborted) {
      this.failures = 0;
      return;
    }
    this.failures = gotOn ? 1 : this.failures + 1;
    this.next = setTimeout(() => void this.now(), patience(this.failures));
  }

  private async register(): Promise<void> {
    const worker = await navigator.serviceWorker?.ready.catch(() => undefined);
    const background = (worker as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
    // Refused where the browser does not allow it: the other triggers remain.
    await background?.register(`nuong-sync-${this.book.user}`).catch(() => undefined);
  }
}
