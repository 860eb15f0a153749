// How an edit comes to the disk: all that belongs together in one durable transaction, or nothing of it.
import type { IDBPTransaction } from "idb";
import { uuidv7 } from "uuidv7";
import { SCHEMA } from "../records/schema";
import { leftBySaving } from "./beside";
import { DURABLE, wholly, type PersonDatabase, type PersonSchema } from "./database";
import { settled, standing } from "./overlay";
import { addTaken, letGo, photoChange, type Taken } from "./pictures";
import type { Shelf } from "./shelf";
import type { Change, Draft, Edit, Fields, Id, Photo, Shown, Waiting } from "./types";

/** What is to be written: *set* is what of the edit says something new; *taken*: a picture whose bytes go along. */
export interface Entry extends Omit<Edit, "set"> {
  set: Fields;
  seen?: Id[] | undefined;
  taken?: Taken | undefined;
}

/** What now waits on disk, in place of which refused changes (`Waiting.n`) it stands, and what another tab has left of its draft. */
export interface Written {
  added: Waiting[];
  replaced: ReadonlySet<number>;
  left?: Draft | undefined;
}

const STORES = ["base", "outbox", "sent", "drafts", "pictures", "bytes", "meta"] as const;
type Work = IDBPTransaction<PersonSchema, (typeof STORES)[number][], "readwrite">;

/** Write *entry*. Durable when this resolves; throws where the disk does not take it, and then nothing was written. */
export async function write(database: PersonDatabase, shelf: Shelf, entry: Entry): Promise<Written> {
  return wholly(database.transaction([...STORES], "readwrite", DURABLE), (work) => writeAll(work, shelf, entry));
}

async function writeAll(work: Work, shelf: Shelf, entry: Entry): Promise<Written> {
  const now = shelf.get(entry.record);
  // A record that was known when this edit began has a first change, though it has left this phone since.
  const first = !now && !entry.opened && (await isNew(work, entry.record));
  const change = changeOf(entry, now, first ? entry.record : uuidv7());
  const replaced = await takePlaces(work, shelf, entry);
  const photos = await unsaved(work, entry.photos ?? []);
  const made = photos.map((each) => photoChange(each, entry.record, entry.area, SCHEMA));
  const changes = Object.keys(entry.set).length ? [change, ...made] : made;
  const savedAt = Date.now();
  const places = changes.map((each) => work.objectStore("outbox").add({ change: each, savedAt } as Waiting));
  for (const each of places) each.catch(() => undefined); // the transaction says what went wrong
  const pictures = work.objectStore("pictures");
  if (entry.taken) await addTaken(pictures, work.objectStore("bytes"), entry.taken);
  await letGo(pictures, photos);
  const left = entry.form && (await takeDraft(work, entry, changes.includes(change) ? change : undefined));
  const numbers = await Promise.all(places);
  return { added: changes.map((each, place) => ({ n: numbers[place]!, change: each, savedAt })), replaced, left };
}

/** Those whose record is not there yet: a save that was taken for failed, and pressed again, makes none twice. */
async function unsaved(work: Work, photos: Photo[]): Promise<Photo[]> {
  const fresh = await Promise.all(photos.map((each) => isNew(work, each.id)));
  return photos.filter((_each, place) => fresh[place]);
}

/** The draft has become a record: it goes, but for what another tab has typed into it. */
async function takeDraft(work: Work, { form, set }: Entry, change: Change | undefined): Promise<Draft | undefined> {
  const drafts = work.objectStore("drafts");
  const there = await drafts.get(form!.draft.key);
  const left = leftBySaving(there, form!, { change: change?.id ?? "", set: change ? set : {} });
  if (left) void drafts.put(left);
  else void drafts.delete(form!.draft.key);
  // The form is done: an app that is ended just now does not come back to it.
  void work.objectStore("meta").delete("standing");
  return left;
}

function changeOf({ record, type, area, set, over: known, seen }: Entry, now: Shown | undefined, id: Id): Change {
  const over: Record<string, Id[]> = {};
  for (const name of Object.keys(set)) {
    // What came in while a form stood open was before nobody's eyes, also where the field was empty then.
    const replaced = known ? (known[name] ?? []) : standing(now, name);
    if (replaced.length) over[name] = replaced;
  }
  return {
    id,
    record,
    type,
    area,
    set,
    ...(Object.keys(over).length ? { over } : {}),
    ...(seen?.length ? { seen } : {}),
    schema: SCHEMA,
  };
}

/** An edit that says all that a refused change said takes its place; the centre has that one in quarantine. */
async function takePlaces(work: Work, shelf: Shelf, { record, set }: Entry): Promise<Set<number>> {
  const replaced = new Set<number>();
  for (const each of shelf.waitingFor(record)) {
    if (!each.refused || !Object.keys(each.change.set).every((name) => name in set)) continue;
    // Asked on disk: another tab may have mended it, and a new epoch may have sent it on its way again.
    if (!(await work.objectStore("outbox").get(each.n))?.refused) continue;
    void work.objectStore("outbox").delete(each.n);
    replaced.add(each.n);
  }
  return replaced;
}

/**
 * Whether nothing at all is known of a record: then its first change takes the record's own id, which is 16 bytes less
 * on the wire. Asked on disk and not in memory, since another tab may have saved it a moment ago.
 */
async function isNew(work: Work, record: Id): Promise<boolean> {
  const found = await Promise.all([
    work.objectStore("base").getKey(record),
    work.objectStore("outbox").index("record").getKey(record),
    work.objectStore("sent").getKey(record),
  ]);
  return found.every((each) => each === undefined);
}

/** Give up a refused change: it stays in the centre's quarantine, and leaves this phone. */
export async function giveUp(database: PersonDatabase, { n }: Waiting): Promise<void> {
  const work = database.transaction("outbox", "readwrite", DURABLE);
  // Asked on disk: it may be on its way again by now.
  if ((await work.store.get(n))?.refused) void work.store.delete(n);
  await work.done;
}

/**
 * Send a refused change once more, without what its author has said anew since: an old value must not come back over that. Where
 * nothing is left of it, it goes.
 */
export async function sendAgain(database: PersonDatabase, refused: Waiting): Promise<void> {
  const { change } = refused;
  const later = [...(await database.getAll("outbox")).filter((each) => !each.refused && each.n > refused.n), ...(await database.getAll("sent"))]
    .map((each) => each.change)
    .filter((each) => each.record === change.record && each.id > change.id);
  const since = new Set(later.flatMap((each) => Object.keys(each.set)));
  const left = Object.fromEntries(Object.entries(change.set).filter(([name]) => !since.has(name)));
  if (Object.keys(left).length) await mend(database, refused, left);
  else await giveUp(database, refused);
}

/** Put a new change, which sets *set*, in the place of a refused one: what was typed after it stays after it. */
export async function mend(database: PersonDatabase, { n, change: refused }: Waiting, set: Fields): Promise<void> {
  const kept = Object.entries(refused.over ?? {}).filter(([name]) => name in set);
  const change: Change = { ...refused, id: uuidv7(), set: settled(set) as Fields };
  delete change.over;
  if (kept.length) change.over = Object.fromEntries(kept);
  const work = database.transaction("outbox", "readwrite", DURABLE);
  // Once, however often the button is pressed, and not where it is on its way again by now.
  const stands = await work.store.get(n);
  if (stands?.refused && stands.change.id === refused.id) void work.store.put({ n, change, savedAt: Date.now() });
  await work.done;
}
