// What is half typed: for the screens at once, and on disk as soon as the disk takes it.
// Must never let a screen begin with what stood there before while something newer is on its way.
import { signal, type Signal } from "@preact/signals";
import { joined, leftByDropping, mergedWith, type Form, type Own } from "./beside";
import { DURABLE, type PersonDatabase } from "./database";
import { letLie, type Taken } from "./pictures";
import type { Draft } from "./types";

export class Drafts {
  /** The newest first. */
  readonly all: Signal<Draft[]> = signal([]);
  /** Why the last draft could not be written; null while the disk takes what is typed. */
  readonly trouble: Signal<string | null> = signal(null);
  /** On their way to the disk: newer than what stands there. */
  private unwritten = new Map<string, Form>();
  /** The keys of those that the disk did not take. */
  private readonly failed = new Set<string>();
  /** What runs, by key; and what comes after it. */
  private readonly running = new Map<string, Promise<void>[]>();
  private readonly following = new Map<string, Promise<void>>();

  constructor(private readonly database: PersonDatabase) {}

  get(key: string): Draft | undefined {
    return this.all.value.find((each) => each.key === key);
  }

  /** Keep a draft: at once for the screens, and on disk when this resolves, unless `trouble` says why not. *own*: what is to be
   * written of it, where another tab may have typed into the same one; without it, all. */
  async put(draft: Draft, own?: Own): Promise<void> {
    // A screen that opens before a slow disk is done must not begin with what stood there before.
    this.expect(draft, own);
    await this.take(draft.key);
  }

  /** Two at once, and no more: a disk that is slower than a walk gets the newest then, and not each fix with all before it. */
  private take(key: string): Promise<void> {
    const line = this.running.get(key) ?? [];
    if (line.length > 1) {
      const after = this.following.get(key) ?? line[0]!.then(() => (this.following.delete(key), this.take(key)));
      this.following.set(key, after);
      return after;
    }
    const mine: Promise<void> = this.write(key).finally(() => {
      const left = (this.running.get(key) ?? []).filter((each) => each !== mine);
      if (left.length) this.running.set(key, left);
      else this.running.delete(key);
    });
    this.running.set(key, [...line, mine]);
    return mine;
  }

  /** Show what is on its way to the disk; with it goes what the disk did not take before. */
  private expect(draft: Draft, own: Own | undefined): Form {
    const before = this.unwritten.get(draft.key);
    const form = { draft, own: before ? joined(before.own, own) : own };
    this.unwritten.set(draft.key, form);
    this.show(this.all.value);
    return form;
  }

  private async write(key: string): Promise<void> {
    const form = this.unwritten.get(key);
    if (!form) return; // something newer took it along
    try {
      const work = this.database.transaction("drafts", "readwrite", DURABLE);
      const whole = mergedWith(await work.store.get(key), form);
      void work.store.put(whole).catch(() => undefined);
      await work.done;
      this.written(form, whole);
    } catch (error) {
      // A full disk: the form goes on from memory, and says so before the officer types more.
      this.failed.add(key);
      this.trouble.value = (error as Error).name;
    }
  }

  /** The disk took *form*, as *whole*: it may take now what it did not take before. */
  private written(form: Form, whole: Draft): void {
    const { key } = form.draft;
    if (this.unwritten.get(key) === form) {
      this.unwritten.delete(key);
      this.show(this.all.value.map((each) => (each.key === key ? whole : each)));
    }
    this.failed.delete(key);
    if (this.failed.size) void this.writeAgain();
    else this.trouble.value = null;
  }

  /** Add a picture to a draft; *keep* writes both, in one transaction, and resolves with the draft as it stands then. Throws what
   * *keep* throws. */
  async addPicture({ photo }: Taken, { draft, own }: Form, keep: (newest: Form) => Promise<Draft>): Promise<void> {
    // While a picture is made its form may be left, and the draft go on elsewhere: nothing that is newer is undone.
    const there = this.get(draft.key);
    const newest = there && there.changedAt > draft.changedAt ? { ...there, photos: [...(there.photos ?? []), photo] } : draft;
    const form = this.expect(newest, own && { ...own, photos: new Set([...own.photos, photo.id]) });
    try {
      this.written(form, await keep(form));
    } catch (error) {
      // No draft may name a picture that is nowhere.
      const now = this.unwritten.get(draft.key);
      if (now) this.unwritten.set(draft.key, { ...now, draft: withoutPhoto(now.draft, photo.id) });
      this.show(this.all.value);
      throw error;
    }
  }

  /** The disk takes things again: what it did not take before goes there now. */
  async writeAgain(): Promise<void> {
    for (const key of [...this.failed]) {
      this.failed.delete(key);
      const form = this.unwritten.get(key);
      if (form) await this.put(form.draft, form.own);
    }
    if (!this.failed.size) this.trouble.value = null;
  }

  /** Throw away what a form has typed: the whole draft, but for what another tab has typed into it. Its pictures lie for a while,
   * and may be taken back. */
  async drop(form: Form): Promise<void> {
    const { key, photos } = form.draft;
    // A disk that is full keeps nobody from throwing something away.
    await letLie(this.database, photos ?? []).catch(() => undefined);
    this.unwritten.delete(key);
    this.failed.delete(key);
    const work = this.database.transaction("drafts", "readwrite", DURABLE);
    const left = leftByDropping(await work.store.get(key), form);
    if (left) void work.store.put(left);
    else void work.store.delete(key);
    await work.done;
    if (!this.failed.size) this.trouble.value = null;
    await this.read();
  }

  /** What waits for its turn to be written is about to be saved: it must not come to the disk after that. A save that fails leaves
   * the form open, which keeps what stands in it anew. */
  hold(key: string): void {
    this.unwritten.delete(key);
  }

  /** A draft has become a record, and is gone from the disk, but for what is *left* of it: the screens are told. */
  forget(key: string, left: Draft | undefined): void {
    this.unwritten.delete(key);
    this.failed.delete(key);
    this.show([...this.all.value.filter((each) => each.key !== key), ...(left ? [left] : [])]);
  }

  async read(): Promise<void> {
    this.show(await this.database.getAll("drafts"));
  }

  private show(found: Draft[]): void {
    const coming = [...this.unwritten].map(([key, form]) => [key, form.draft] as const);
    const all = new Map([...found.map((each) => [each.key, each] as const), ...coming]);
    this.all.value = [...all.values()].sort((one, other) => other.changedAt - one.changedAt);
  }

  /** Resolves when nothing is on its way to the disk any more; *more* is asked what else must be written, each time. */
  async settle(more: () => void): Promise<void> {
    for (;;) {
      more();
      const all = [...[...this.running.values()].flat(), ...this.following.values()];
      if (!all.length) return;
      await Promise.allSettled(all);
    }
  }
}

function withoutPhoto(draft: Draft, id: string): Draft {
  return { ...draft, photos: (draft.photos ?? []).filter((each) => each.id !== id) };
}
