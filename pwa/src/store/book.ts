// One person's field book: what the phone holds, in memory for the screens and on disk for ever.
// Must never say that something is saved before its transaction is durable.
import { batch, signal, type Signal } from "@preact/signals";
import { learn } from "../clock";
import type { Form, Own } from "./beside";
import { Drafts } from "./drafts";
import { openPerson, type PersonDatabase, type Told } from "./database";
import { readKnown } from "./known";
import { same, settled, show, standing, viewOf } from "./overlay";
import { inState, keepTaken, letLie, makeRoom, mendPicture, type PictureCounts, type Taken } from "./pictures";
import { byRuns, glanceOf, inSlices, type Glance } from "./reading";
import { Shelf } from "./shelf";
import { storageState } from "./storage";
import type { Area, Change, Counts, Draft, Edit, Fields, Id, Json, LastTry, Photo, Shown, Waiting } from "./types";
import { giveUp, mend, sendAgain, write, type Entry } from "./writing";

type News = { records: Id[] } | { all: true } | { drafts: true };

export class Book {
  readonly revision = signal(0);
  readonly drafts: Signal<Draft[]>;
  readonly waiting: Signal<Waiting[]> = signal([]);
  readonly counts: Signal<Counts> = signal({ waiting: 0, refused: 0, atCentre: 0 });
  readonly areas: Signal<Record<Id, Area>> = signal({});
  readonly lastContact: Signal<number | null> = signal(null);
  readonly lastTry: Signal<LastTry | null> = signal(null);
  /** False once the centre refused this person's token: all goes on, but nothing travels. */
  readonly signedIn = signal(true);
  /** Why the last draft could not be written; null while the disk takes what is typed. */
  readonly diskTrouble: Signal<string | null>;
  /** Whether the centre has more than what was read so far, and how many records that is. */
  readonly reading = signal(false);
  readonly left = signal(0);
  readonly pictures: Signal<PictureCounts> = signal({ waiting: 0, waitingBytes: 0, refused: 0 });
  /** Why this book can take nothing more in: a newer app has its database, or the browser closed it. */
  readonly closedBy: Signal<"update" | "browser" | null> = signal(null);
  /** What must be written before the database is given up: the forms that stand open. */
  readonly beforeClosing = new Set<() => void>();

  /** Farmers and plots that somebody stood before on this phone, the last one first. */
  readonly recent: Signal<Id[]> = signal([]);
  /** All that is on the phone is in memory. Until then home knows what it shows, and nothing else may be taken for missing. */
  readonly whole = signal(false);
  /** Settles when all is in memory. */
  opened: Promise<void> = Promise.resolve();

  readonly shelf = new Shelf();
  /** What home is told of the rest while it is being read. */
  private glance: Glance | undefined;
  private people: Record<Id, string> = {};
  private readonly halfTyped: Drafts;
  private readonly channel: BroadcastChannel;
  private ended = false;

  constructor(
    readonly user: Id,
    readonly database: PersonDatabase,
  ) {
    this.halfTyped = new Drafts(database);
    this.drafts = this.halfTyped.all;
    this.diskTrouble = this.halfTyped.trouble;
    this.channel = new BroadcastChannel(`nuong-${user}`);
    this.channel.onmessage = ({ data }: MessageEvent<News>) => void this.hear(data);
  }

  // What is there ----------------------------------------------------------------------------------------------

  get(id: Id): Shown | undefined {
    return this.shelf.get(id);
  }

  /** All records of a type that are not deleted; those that were joined into another are shown by that one. */
  all(type: string): Shown[] {
    return this.shelf.all(type);
  }

  /** The record that a reference means: what it names, or what that was joined into. */
  meant(id: Json | undefined): Shown | undefined {
    return this.shelf.meant(id);
  }

  /** Records that name *id*, or one that was joined into it, in one of their reference fields, newest first. */
  referring(id: Id, type?: string): Shown[] {
    return this.shelf.referring(id, type).sort((one, other) => other.touchedAt - one.touchedAt);
  }

  /** Records that need a person: a conflict, or a change that was refused. */
  needing(): Shown[] {
    return this.shelf.needing();
  }

  person(id: Id | undefined): string {
    return (id && this.people[id]) || "";
  }

  // Saving -----------------------------------------------------------------------------------------------------

  /** Save an edit. Resolves once it is durable; null when nothing differs from what is shown. */
  async save(edit: Edit): Promise<Change | null> {
    // While the book is still being read, what is not in memory may well be on disk.
    if (!this.whole.value) await this.bring([edit.record]);
    // What only a refused change says has never left this phone: it goes along as if it were typed now.
    const waiting = this.shelf.waitingFor(edit.record).filter((each) => !each.refused);
    const now = show(this.shelf.known(edit.record), waiting, NONE);
    const set: Fields = {};
    for (const [name, raw] of Object.entries(edit.set)) {
      const value = settled(raw);
      if (this.isEdit(edit, name, value, now)) set[name] = value;
    }
    if (!Object.keys(set).length && !edit.photos?.length) {
      if (edit.form) await this.dropDraft(edit.form);
      return null;
    }
    return this.write({ ...edit, set });
  }

  /** Whether *value* says something that neither the form showed when it opened nor the record says now. */
  private isEdit(edit: Edit, name: string, value: Json, now: Shown | undefined): boolean {
    // Saved by another tab since this form for a new record was opened: only what was touched here is over that.
    if (now && !edit.opened && edit.form?.own && !edit.form.own.fields.has(name)) return false;
    // Where the centre knows nothing of the record, all that is typed must go along, touched or not.
    const untouched = edit.opened && this.shelf.known(edit.record) && same(value, edit.opened[name]);
    return !untouched && (!same(value, now?.fields[name]) || !!now?.conflicts[name]);
  }

  /** Delete a record, as a screen showed it: what came in since brings it back. By its id alone: as it stands now, which is how
   * somebody takes back what they have just done. What is deleted can be restored. */
  async remove(record: Shown | Id): Promise<Change> {
    return this.decide(this.must(record), "deleted", true);
  }

  async restore(record: Shown | Id): Promise<Change> {
    return this.decide(this.must(record), "deleted", false);
  }

  /** Settle a conflict with one value, over all that the screen showed in dispute: what came in since stands beside it. */
  async settle(record: Shown, field: string, value: Json): Promise<Change> {
    return this.decide(record, field, settled(value));
  }

  private must(record: Shown | Id): Shown {
    const found = typeof record === "string" ? this.shelf.get(record) : record;
    if (!found) throw new Error(`no such record: ${String(record)}`);
    return found;
  }

  private async decide(record: Shown, field: string, value: Json): Promise<Change> {
    const seen = field === "deleted" && value === true ? viewOf(record) : undefined;
    const change = await this.write({ ...whose(record), set: { [field]: value }, over: { [field]: standing(record, field) }, opened: record.fields, seen });
    return change!;
  }

  /** The first change that was written; null where a press before had written all of it. */
  private async write(entry: Entry): Promise<Change | null> {
    if (entry.form) this.halfTyped.hold(entry.form.draft.key);
    const { added, replaced, left } = await write(this.database, this.shelf, entry);
    // From here on it is saved, whatever becomes of the screens: nothing may say that it was not.
    // Nothing is read again for it: what was just written is known, and whoever saves waits for nothing else.
    this.takeWritten(added, replaced);
    this.post({ records: added.map((each) => each.change.record) });
    const next = await entry.durable?.().catch(noted);
    if (entry.photos?.length) await this.readMeta().catch(noted);
    batch(() => {
      if (entry.form) this.halfTyped.forget(entry.form.draft.key, left);
      this.tell();
      next?.();
    });
    await this.halfTyped.writeAgain();
    return added[0]?.change ?? null;
  }

  /** Tell the other tabs; one that is being closed tells nobody. */
  private post(news: News): void {
    try {
      this.channel.postMessage(news);
    } catch (error) {
      noted(error);
    }
  }

  /** Enter what now waits on disk, in the place of what was *replaced* there. */
  private takeWritten(added: Waiting[], replaced: ReadonlySet<number>): void {
    // Another tab's news may have brought what was added a moment ago.
    const gone = new Set([...replaced, ...added.map((each) => each.n)]);
    this.waiting.value = [...this.waiting.value.filter((each) => !gone.has(each.n)), ...added];
    const records = new Set(added.map((each) => each.change.record));
    for (const id of records) {
      const waiting = this.shelf.waitingFor(id).filter((each) => !gone.has(each.n));
      this.shelf.putWaiting([id], [...waiting, ...added.filter((each) => each.change.record === id)]);
    }
  }

  // Drafts -----------------------------------------------------------------------------------------------------

  draft(key: string): Draft | undefined {
    return this.halfTyped.get(key);
  }

  /** Keep a draft: at once for the screens, and on disk when this resolves, unless `diskTrouble` says why not. *own*: see `Drafts.put`. */
  async putDraft(draft: Draft, own?: Own): Promise<void> {
    await this.halfTyped.put(draft, own);
    this.post({ drafts: true });
  }

  /** Throw away what a form has typed; what another tab has typed into the same draft stays. */
  async dropDraft(form: Form): Promise<void> {
    await this.halfTyped.drop(form);
    this.post({ drafts: true });
  }

  // Pictures ---------------------------------------------------------------------------------------------------

  /** Keep a picture for a draft; both are durable when this resolves. Throws where the disk has no room. */
  async addPicture(taken: Taken, form: Form): Promise<void> {
    await this.halfTyped.addPicture(taken, form, (newest) => this.withRoom(() => keepTaken(this.database, taken, newest)));
    this.post({ drafts: true });
  }

  /** Save a picture of a record that is there: its bytes and its own record, in one transaction. */
  async savePicture(taken: Taken, of: Shown): Promise<void> {
    await this.withRoom(() => this.write({ ...whose(of), set: {}, photos: [taken.photo], taken }));
  }

  /** Do *work*; where the disk has no room for it, once more without what the centre has already. */
  private async withRoom<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { freeBytes } = await storageState();
      if (!(await makeRoom(this.database, Math.min(0, freeBytes ?? 0)))) throw error;
      return work();
    }
  }

  /** The bytes of a picture that is on this phone. */
  async bytesOf(sha256: string): Promise<ArrayBuffer | undefined> {
    return this.database.get("bytes", sha256);
  }

  /** Pictures that the centre refused, with its reason. */
  refusedPictures() {
    return inState(this.database, "refused");
  }

  /** Offer a refused picture to the centre once more. */
  async sendPictureAgain(sha256: string): Promise<void> {
    await mendPicture(this.database, sha256, "waiting");
    await this.refresh({ records: [] });
  }

  /** Let a refused picture go: the centre will never have it. */
  async giveUpPicture(sha256: string): Promise<void> {
    await mendPicture(this.database, sha256, null);
    await this.refresh({ records: [] });
  }

  /** Let pictures that no draft names any more lie for a while: they may be taken back. */
  async letLie(photos: Photo[]): Promise<void> {
    await letLie(this.database, photos);
  }

  // What was refused ---------------------------------------------------------------------------------------------

  /** Give up a refused change: it stays in the centre's quarantine, and leaves this phone. */
  async discardRefused(id: Id): Promise<void> {
    const found = this.waiting.value.find((each) => each.change.id === id);
    if (!found) return;
    await giveUp(this.database, found);
    await this.refresh({ records: [found.change.record] });
  }

  /** Send a refused change once more, as it was: the right to it may be there by now. */
  async sendRefusedAgain(id: Id): Promise<void> {
    const refused = this.waiting.value.find((each) => each.change.id === id && each.refused);
    if (!refused) return;
    await sendAgain(this.database, refused);
    await this.refresh({ records: [refused.change.record] });
  }

  /** Send what a refused change wanted in another form: a new change takes its place. */
  async mendRefused(id: Id, set: Fields): Promise<void> {
    const refused = this.waiting.value.find((each) => each.change.id === id && each.refused);
    if (!refused) return;
    await mend(this.database, refused, set);
    await this.refresh({ records: [refused.change.record] });
  }

  /**
   * What an edit that begins with a refused change is made over: what that one was, and what its author has saved since.
   * Its values hide in the form what others have put there meanwhile: that was before nobody's eyes.
   */
  overMended({ record, set, over }: Change): Record<string, Id[]> {
    const own = new Set(this.shelf.waitingFor(record).map((each) => each.change.id));
    const since = (name: string) => standing(this.shelf.get(record), name).filter((each) => own.has(each));
    return Object.fromEntries(Object.keys(set).map((name) => [name, [...new Set([...(over?.[name] ?? []), ...since(name)])]]));
  }

  // Reading from disk --------------------------------------------------------------------------------------------

  /** Read what home shows, so that it can be shown at once; false where nothing says what that is. */
  async readFirst(): Promise<boolean> {
    const glance = (await this.database.get("meta", "glance")) as Glance | undefined;
    if (!glance) return false;
    this.glance = glance;
    await Promise.all([this.readOutbox(), this.readMeta(), this.halfTyped.read()]);
    await this.bring([...new Set([...glance.records, ...this.shelf.unsent()])]);
    this.tell();
    return true;
  }

  /** Read all that is on disk; what is shown meanwhile stays. */
  async load(): Promise<void> {
    const unseen = new Set(this.shelf.ids());
    await Promise.all([this.readOutbox(), this.readMeta(), this.halfTyped.read()]);
    for await (const slice of inSlices(this.database)) {
      if (this.ended) return;
      for (const each of slice) {
        this.shelf.put(each.id, each);
        unseen.delete(each.id);
      }
    }
    await this.bring([...unseen]);
    this.whole.value = true;
    this.tell();
  }

  /** Somebody stands before this farmer or plot: it is found again among the last ones. */
  async visit(id: Id): Promise<void> {
    if (this.recent.value[0] === id) return;
    this.recent.value = [id, ...this.recent.value.filter((each) => each !== id)].slice(0, MOST_RECENT);
    // On a full disk it is known until the app is closed.
    await this.database.put("meta", this.recent.value, "recent").catch(() => undefined);
  }

  /** Keep which records home shows: with them the next opening begins. */
  async keepGlance(home: Id[]): Promise<void> {
    if (this.whole.value && !this.ended) await this.database.put("meta", glanceOf(this.shelf, home), "glance");
  }

  /** Read again what changed on disk: by this page, by another tab, or by the service worker. */
  async refresh(news: News, pass = true): Promise<void> {
    if (pass) this.post(news);
    if ("drafts" in news) return this.halfTyped.read();
    if ("all" in news) return this.load();
    await Promise.all([
      this.bring(news.records),
      // News of no record in particular may be of any that waits.
      news.records.length ? null : this.readOutbox(),
      this.readMeta(),
      pass ? null : this.halfTyped.read(),
    ]);
    this.tell();
  }

  /** Another tab, or the service worker, has written something. */
  private async hear(news: News): Promise<void> {
    if (!this.ended) await this.refresh(news, false).catch(noted);
  }

  /** Take these records as they stand on disk, with what waits for them. */
  private async bring(ids: Id[]): Promise<void> {
    if (ids.length > MANY) return this.bringMany(ids);
    if (!ids.length) return;
    const work = this.database.transaction(["base", "outbox"], "readonly");
    const [base, outbox] = [work.objectStore("base"), work.objectStore("outbox").index("record")];
    const found = await Promise.all([
      Promise.all(ids.map((id) => base.get(id))),
      Promise.all(ids.map((id) => outbox.getAll(id))),
    ]);
    ids.forEach((id, place) => this.shelf.put(id, found[0][place]));
    const waiting = found[1].flat();
    const others = this.waiting.value.filter((each) => !ids.includes(each.change.record));
    this.shelf.putWaiting(ids, waiting);
    if (waiting.length || others.length < this.waiting.value.length)
      this.putWaiting([...others, ...waiting].sort((one, other) => one.n - other.n));
  }

  /** A page of a first sync: read by slices, since asking for each by itself would stop the screen. */
  private async bringMany(ids: Id[]): Promise<void> {
    for await (const [some, found] of byRuns(this.database, ids)) for (const id of some) this.shelf.put(id, found.get(id));
    await this.readOutbox();
  }

  private async readOutbox(): Promise<void> {
    const found = await this.database.getAll("outbox");
    this.shelf.putWaiting(this.shelf.unsent(), found);
    this.putWaiting(found);
  }

  /** What waits, and its number: a list must not lose a line before the number knows where it went. */
  private putWaiting(found: Waiting[]): void {
    batch(() => {
      this.waiting.value = found;
      this.count();
    });
  }

  /** Mark the changes that are on their way. */
  markGoing(ids: readonly Id[]): void {
    this.shelf.markGoing(ids);
    this.tell();
  }

  private async readMeta(): Promise<void> {
    const found = await readKnown(this.database, this.user);
    this.people = found.people;
    batch(() => {
      learn(found.clockBehind, found.lastContact);
      this.pictures.value = found.pictures;
      this.areas.value = found.areas;
      this.lastContact.value = found.lastContact;
      this.lastTry.value = found.lastTry;
      this.signedIn.value = found.signedIn;
      this.reading.value = found.reading;
      this.left.value = found.left;
      if (!same(found.recent, this.recent.value)) this.recent.value = found.recent;
    });
  }

  private tell(): void {
    batch(() => {
      this.count();
      this.revision.value += 1;
    });
  }

  private count(): void {
    const refused = this.waiting.value.filter((each) => each.refused).length;
    const rest = this.whole.value ? undefined : this.glance;
    this.counts.value = {
      waiting: this.waiting.value.length - refused,
      refused,
      atCentre: rest?.atCentre ?? this.shelf.atCentre,
    };
  }

  /** Another tab has a newer app: what is typed goes to disk first, and from then on nothing can be typed here. */
  async giveWay(): Promise<void> {
    await this.putAway();
    this.closedBy.value = "update";
  }

  /** What is typed in the forms that stand open is on disk when this resolves. */
  async putAway(): Promise<void> {
    await this.halfTyped.settle(() => this.beforeClosing.forEach((write) => write()));
  }

  close(): void {
    this.ended = true;
    this.channel.close();
    this.database.close();
  }
}

const MOST_RECENT = 30;
/** Records that are asked for one by one. */
const MANY = 20;
const NONE: ReadonlySet<Id> = new Set();

/** What went wrong beside what matters: whoever looks for it finds it. */
const noted = (error: unknown) => void console.warn(error);

const whose = ({ type, area, id: record }: Shown) => ({ type, area, record });

/**
 * Open the book of somebody who has signed in here: home can be shown when this resolves, and all that is on the phone
 * when `opened` does. Raises `Vanished` where the browser has thrown it away.
 */
export async function openBook(user: Id, held?: Told["held"]): Promise<Book> {
  let book: Book | undefined;
  const database = await openPerson(user, {
    giveWay: async () => book?.giveWay(),
    cut: () => book && (book.closedBy.value = "browser"),
    ...(held ? { held } : {}),
  });
  book = new Book(user, database);
  const glanced = await book.readFirst();
  book.opened = readRest(book);
  if (!glanced) await book.opened;
  return book;
}

async function readRest(book: Book): Promise<void> {
  await book.load();
  // Room that cannot be made now is made another time: the book is open.
  await makeRoom(book.database, (await storageState()).freeBytes).catch(noted);
}
