// When a sync is tried: on opening, when the connection comes back, when the app is looked at, by a button, and by the
// browser itself where it has Background Sync.
import { effect, signal } from "@preact/signals";
import type { Book } from "../store/book";
import { sync, type Outcome } from "./run";

export const syncing = signal(false);

export class Triggers {
  private again = false;
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
    this.stop.push(
      effect(() => {
        const waiting = this.book.counts.value.waiting;
        if (waiting > before) {
          void this.register();
          if (navigator.onLine) void this.now();
        }
        before = waiting;
      }),
    );
    void this.now();
  }

  end(): void {
    for (const each of this.stop) each();
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
      return outcome;
    } finally {
      if (!ended.aborted) syncing.value = false;
    }
  }

  private async register(): Promise<void> {
    const worker = await navigator.serviceWorker?.ready.catch(() => undefined);
    const background = (worker as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
    // Refused where the browser does not allow it: the other triggers remain.
    await background?.register(`nuong-sync-${this.book.user}`).catch(() => undefined);
  }
}
