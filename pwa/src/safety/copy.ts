// A safety copy: a file of all that has not reached the centre, written here and read in on any phone or at the console.
// Must never take in half a file, and never anything twice: the ids tell.
import { strFromU8, strToU8, unzipSync, zipSync, type UnzipFileInfo, type Zippable } from "fflate";
import { DURABLE, wholly, type PersonDatabase, type PersonSchema, type StoredPicture } from "../store/database";
import type { Change, Draft, Id, Waiting } from "../store/types";
import type { IDBPTransaction } from "idb";

export const FORM = 1;
const CHANGES = "changes.json";
const DRAFTS = "drafts.json";
const PICTURES = "pictures.json";
const BYTES = "pictures/";
const MOST_TEXT = 256 * 1024 * 1024; // bytes unpacked: years of work; more is no copy of ours

export interface Author {
  id: Id;
  username: string;
  name: string;
}

export interface Unsent {
  changes: Change[];
  drafts: Draft[];
  pictures: { picture: StoredPicture; bytes: ArrayBuffer }[];
}

/** What came in. `known` was here already; `elsewhere` is of areas that this phone does not hold. */
export interface TakenIn {
  author: Author;
  added: number;
  known: number;
  elsewhere: number;
  drafts: number;
  pictures: number;
}

/** No copy of ours, or not whole: nothing of it was taken in. */
export class NoCopy extends Error {
  constructor(readonly why: "foreign" | "broken" | "newer") {
    super(why);
  }
}

/** All that is only on this phone, refused changes too. */
export async function unsentOf(database: PersonDatabase): Promise<Unsent> {
  const work = database.transaction(["outbox", "drafts", "pictures", "bytes"]);
  const [outbox, drafts, all] = await Promise.all([
    work.objectStore("outbox").getAll(),
    work.objectStore("drafts").getAll(),
    work.objectStore("pictures").getAll(),
  ]);
  const half = namedBy(drafts);
  const pictures: Unsent["pictures"] = [];
  for (const picture of all) {
    if (picture.state === "sent" || picture.state === "cached") continue;
    // Thrown away with its draft.
    if (picture.state === "draft" && !half.has(picture.sha256)) continue;
    const bytes = await work.objectStore("bytes").get(picture.sha256);
    if (bytes) pictures.push({ picture, bytes });
  }
  return { changes: outbox.map((each) => each.change), drafts, pictures };
}

function namedBy(drafts: Draft[]): Set<string> {
  return new Set(drafts.flatMap((each) => each.photos ?? []).flatMap((each) => [each.sha256, each.preview_sha256]));
}

/** The file. *madeAt*: RFC 3339. */
export function write(unsent: Unsent, user: Author, device: Id, madeAt: string): Uint8Array {
  const head = { nuong: "safety-copy", form: FORM, user, device, made_at: madeAt, changes: unsent.changes };
  const files: Zippable = {
    [CHANGES]: strToU8(JSON.stringify(head)),
    [DRAFTS]: strToU8(JSON.stringify(unsent.drafts)),
    [PICTURES]: strToU8(JSON.stringify(unsent.pictures.map((each) => each.picture))),
  };
  // A picture is packed already.
  for (const { picture, bytes } of unsent.pictures) files[BYTES + picture.sha256] = [new Uint8Array(bytes), { level: 0 }];
  return zipSync(files, { level: 9 });
}

/** What a file says, checked through and through; at most *most* bytes of text. Raises `NoCopy`. */
export async function read(file: Uint8Array, most = MOST_TEXT): Promise<Unsent & { author: Author }> {
  const parts = unzipped(file, most);
  const head = json(parts[CHANGES], "foreign");
  if (!isObject(head) || head["nuong"] !== "safety-copy") throw new NoCopy("foreign");
  if (typeof head["form"] === "number" && head["form"] > FORM) throw new NoCopy("newer");
  const { user, changes } = head;
  if (!isObject(user) || !Array.isArray(changes) || !changes.every(isChange)) throw new NoCopy("broken");
  const drafts = parts[DRAFTS] ? json(parts[DRAFTS], "broken") : [];
  if (!Array.isArray(drafts) || !drafts.every(isDraft)) throw new NoCopy("broken");
  const author = { id: String(user["id"]), username: String(user["username"] ?? ""), name: String(user["name"] ?? "") };
  return { author, changes: changes as Change[], drafts: drafts as Draft[], pictures: await readPictures(parts) };
}

/** Take a copy in: all that is not known here waits from now on as if it had been typed here. Raises `NoCopy`. */
export async function takeIn(database: PersonDatabase, file: Uint8Array): Promise<TakenIn> {
  const copy = await read(file);
  const areas = ((await database.get("meta", "areas")) as Record<Id, unknown> | undefined) ?? {};
  const work = database.transaction(["base", "outbox", "sent", "drafts", "pictures", "bytes"], "readwrite", DURABLE);
  const { fresh, ...rest } = await wholly(work, () => takeAll(work, copy));
  const elsewhere = fresh.filter((each) => !(each.area in areas)).length;
  return { author: copy.author, added: fresh.length, known: copy.changes.length - fresh.length, elsewhere, ...rest };
}

async function takeAll(work: Working, copy: Unsent): Promise<{ fresh: Change[]; drafts: number; pictures: number }> {
  const outbox = await work.objectStore("outbox").getAll();
  const waiting = new Set(outbox.map((each) => each.change.id));
  const records = new Set(outbox.map((each) => each.change.record));
  const fresh: Change[] = [];
  for (const change of copy.changes) {
    if (waiting.has(change.id) || (await isAtCentre(work, change))) continue;
    await work.objectStore("outbox").add({ change, savedAt: Date.now(), fromCopy: true } as Waiting);
    waiting.add(change.id);
    fresh.push(change);
  }
  return { fresh, drafts: await takeDrafts(work, copy.drafts, records), pictures: await takePictures(work, copy.pictures) };
}

type Working = IDBPTransaction<PersonSchema, ("base" | "outbox" | "sent" | "drafts" | "pictures" | "bytes")[], "readwrite">;

/** Whether the centre is known to have a change: this phone sent it, or it stands in what the centre told. */
async function isAtCentre(work: Working, change: Change): Promise<boolean> {
  if (await work.objectStore("sent").getKey(change.id)) return true;
  const held = await work.objectStore("base").get(change.record);
  return !!held && Object.values(held.heads).some((ids) => ids.includes(change.id));
}

async function takeDrafts(work: Working, drafts: Draft[], records: Set<Id>): Promise<number> {
  let taken = 0;
  for (const draft of drafts) {
    // What is half-typed here goes before; and what was saved since is no draft any more.
    if (await work.objectStore("drafts").getKey(draft.key)) continue;
    if (draft.isNew && (records.has(draft.record) || (await work.objectStore("base").getKey(draft.record)))) continue;
    await work.objectStore("drafts").put(draft);
    taken += 1;
  }
  return taken;
}

async function takePictures(work: Working, pictures: Unsent["pictures"]): Promise<number> {
  let taken = 0;
  const half = namedBy(await work.objectStore("drafts").getAll());
  for (const { picture, bytes } of pictures) {
    const { sha256, kind, mime, size, madeAt } = picture;
    // A draft that did not come in was saved since, here or there: its pictures belong to a record, and go to the centre.
    const state = picture.state === "draft" && half.has(sha256) ? "draft" : "waiting";
    const known = await work.objectStore("pictures").get(sha256);
    // One that was refused may have been damaged, or gone, here: these are good bytes.
    const isWanted = !known || known.state === "cached" || known.state === "refused" || (known.state === "draft" && state === "waiting");
    if (!isWanted) continue;
    // Another phone may have sent it since: the centre is asked first.
    await work.objectStore("pictures").put({ sha256, kind, mime, size, madeAt, state, unsure: true });
    await work.objectStore("bytes").put(bytes, sha256);
    taken += 1;
  }
  return taken;
}

function unzipped(file: Uint8Array, most: number): Record<string, Uint8Array> {
  let size = 0;
  // A picture lies in the file as it is, and takes no more room than it does there: of those there may be any number.
  const unpacked = (each: UnzipFileInfo) => (each.name.startsWith(BYTES) && !each.compression ? 0 : each.originalSize);
  let parts: Record<string, Uint8Array>;
  try {
    parts = unzipSync(file, { filter: (each) => (size += unpacked(each)) <= most });
  } catch {
    // The first bytes of a zip: then it is one that was cut off or damaged.
    throw new NoCopy(file[0] === 0x50 && file[1] === 0x4b ? "broken" : "foreign");
  }
  // A part was passed over: what is left is half a file.
  if (size > most) throw new NoCopy("broken");
  return parts;
}

async function readPictures(parts: Record<string, Uint8Array>): Promise<Unsent["pictures"]> {
  const told = parts[PICTURES] ? json(parts[PICTURES], "broken") : [];
  if (!Array.isArray(told)) throw new NoCopy("broken");
  const found: Unsent["pictures"] = [];
  for (const picture of told as StoredPicture[]) {
    const bytes = isObject(picture) ? parts[BYTES + picture.sha256] : undefined;
    if (!bytes || (await sha256(bytes)) !== picture.sha256) throw new NoCopy("broken");
    found.push({ picture, bytes: bytes.slice().buffer });
  }
  return found;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice().buffer));
  return Array.from(digest, (each) => each.toString(16).padStart(2, "0")).join("");
}

function json(bytes: Uint8Array | undefined, otherwise: NoCopy["why"]): unknown {
  if (!bytes) throw new NoCopy(otherwise);
  try {
    return JSON.parse(strFromU8(bytes));
  } catch {
    throw new NoCopy("broken");
  }
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isId = (value: unknown) => typeof value === "string" && ID.test(value);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isChange(value: unknown): boolean {
  if (!isObject(value) || !isId(value["id"]) || !isId(value["record"]) || !isId(value["area"])) return false;
  return typeof value["type"] === "string" && isObject(value["set"]);
}

function isDraft(value: unknown): boolean {
  if (!isObject(value) || !isId(value["record"]) || typeof value["type"] !== "string") return false;
  return value["key"] === `${value["type"]}/${value["record"]}` && isObject(value["typed"]) && isObject(value["over"]);
}
