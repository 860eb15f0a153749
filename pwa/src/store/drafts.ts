// What is half typed: for the screens at once, and on disk as soon as the disk takes it.
// Must never let a screen begin with what stood there before while something newer is on its way.
import { signal, type Signal } from "@preact/signals";
import { DURABLE, type PersonDatabase } from "./database";
import { letLie, type Taken } from "./pictures";
import type { Draft, Id } from "./types";

/** What a form has touched since it was opened: names of fields, and the pictures that it has or had. */
export interface Own {
  fields: ReadonlySet<string>;
  photos: ReadonlySet<Id>;
}

/** A draft as one form has it, put into what stands on disk, where another tab may have the same one open: what the form has not
 * touched stays as it is there. */
export function merged(mine: Draft, own: Own, there: Draft): Draft {
  const pick = <Value>(from: Record<string, Value> = {}, to: Record<string, Value> = {}): Record<string, Value> => ({
    ...Object.fromEntries(Object.entries(to).filter(([name]) => !own.fields.has(name))),
    ...Object.fromEntries(Object.entries(from).filter(([name]) => own.fields.has(name))),
  });
  const photos = [...(mine.photos ?? []), ...(there.photos ?? []).filter((each) => !own.photos.has(each.id))];
  return {
    ...mine,
    typed: pick(mine.typed, there.typed),
    over: { ...mine.over, ...pick(mine.over, there.over) },
    ...(mine.opened && { opened: { ...mine.opened, ...pick(mine.opened, there.opened) } }),
    ...((mine.photos || photos.length > 0) && { photos }),
  };
}

export class Drafts {
  /** The newest first. */
  readonly all: Signal<Draft[]> = signal([]);
  /** Why the last draft could not be written; null while the disk takes what is typed. */
  readonly trouble: Signal<string | null> = signal(null);
  /** On their way to the disk: newer than what stands there. */
  private unwritten = new Map<string, Draft>();
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly database: PersonDatabase) {}

  get(key: string): Draft | undefined {
    return this.all.value.find((each) => each.key === key);
  }

  /** Keep a draft: at once for the screens, and on disk when this resolves, unless `trouble` says why not. *own*: what is to be
   * written of it, where another tab may have typed into the same one; without it, all. */
  async put(draft: Draft, own?: Own): Promise<void> {
    // A screen that opens before a slow disk is done must not begin with what stood there before.
    this.unwritten.set(draft.key, draft);
    this.show(this.all.value);
    const write = this.write(draft, own);
    this.writing.add(write);
    await write.finally(() => this.writing.delete(write));
  }

  private async write(draft: Draft, own?: Own): Promise<void> {
    try {
      const work = this.database.transaction("drafts", "readwrite", DURABLE);
      const there = own && (await work.store.get(draft.key));
      const whole = there ? merged(draft, own, there) : draft;
      void work.store.put(whole).catch(() => undefined);
      await work.done;
      if (this.unwritten.get(draft.key) === draft) {
        this.unwritten.delete(draft.key);
        this.show(this.all.value.map((each) => (each.key === draft.key ? whole : each)));
      }
      this.trouble.value = null;
    } catch (error) {
      // A full disk: the form goes on from memory, and says so before the officer types more.
      this.trouble.value = (error as Error).name;
    }
  }

  /** Add a picture to a draft; *keep* writes both, in one transaction. Throws what *keep* throws. */
  async addPicture({ photo }: Taken, draft: Draft, keep: (newest: Draft) => Promise<void>): Promise<void> {
    // While a picture is made its form may be left, and the draft go on elsewhere: nothing that is newer is undone.
    const there = this.get(draft.key);
    const newest = there && there.changedAt > draft.changedAt ? { ...there, photos: [...(there.photos ?? []), photo] } : draft;
    this.unwritten.set(draft.key, newest);
    this.show(this.all.value);
    await keep(newest).catch((error: unknown) => {
      // No draft may name a picture that is nowhere.
      const now = this.unwritten.get(draft.key);
      if (now) this.unwritten.set(draft.key, { ...now, photos: (now.photos ?? []).filter((each) => each.id !== photo.id) });
      this.show(this.all.value);
      throw error;
    });
    if (this.unwritten.get(draft.key) === newest) this.unwritten.delete(draft.key);
  }

  /** The disk takes things again: what it did not take before goes there now. */
  async writeAgain(): Promise<void> {
    if (!this.trouble.value) return;
    this.trouble.value = null;
    for (const each of [...this.unwritten.values()]) await this.put(each);
  }

  /** Throw a draft away; its pictures lie for a while, and may be taken back with it. */
  async drop(key: string): Promise<void> {
    await letLie(this.database, this.get(key)?.photos ?? []);
    this.unwritten.delete(key);
    await this.database.delete("drafts", key);
    await this.read();
  }

  /** A draft has become a record, and is gone from the disk: the screens are told. */
  forget(key: string): void {
    this.unwritten.delete(key);
    this.show(this.all.value.filter((each) => each.key !== key));
  }

  async read(): Promise<void> {
    this.show(await this.database.getAll("drafts"));
  }

  private show(found: Draft[]): void {
    const all = new Map([...found.map((each) => [each.key, each] as const), ...this.unwritten]);
    this.all.value = [...all.values()].sort((one, other) => other.changedAt - one.changedAt);
  }

  /** Resolves when nothing is on its way to the disk any more; *more* is asked what else must be written, each time. */
  async settle(more: () => void): Promise<void> {
    for (;;) {
      more();
      if (!this.writing.size) return;
      await Promise.allSettled(this.writing);
    }
  }
}
