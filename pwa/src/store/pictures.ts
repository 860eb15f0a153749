// Pictures on this phone: what is kept of each, and until when. Their records are changes like any other.
// Must never delete a picture of ours before the centre has said that it is kept there.
import { mergedWith, type Form } from "./beside";
import { DURABLE, wholly, type PersonDatabase, type PictureState, type StoredPicture } from "./database";
import { KEEP_SENT, wentHereLately } from "./sent";
import type { Change, Draft, Fields, Id, Photo } from "./types";

export interface PictureCounts {
  waiting: number;
  waitingBytes: number;
  refused: number;
}

/** What a picture is made of when it was scaled: both sizes, as they go to the centre. */
export interface Taken {
  photo: Photo;
  full: ArrayBuffer;
  preview: ArrayBuffer;
}

/** Bytes that are left free for records, whatever pictures would like to stay. */
export const ROOM = 50_000_000;
const FORGOTTEN = 3600 * 1000; // ms for which a picture that was thrown away can be taken back

/** A store within a transaction that says more than pictures. */
interface Shelf<Value> {
  get(key: string): Promise<Value | undefined>;
  put(value: Value, key?: string): Promise<unknown>;
}

/** Keep a picture that was just taken, and the draft that names it: both are on disk when this resolves, or neither. The draft as
 * it stands there. */
export async function keepTaken(database: PersonDatabase, taken: Taken, form: Form): Promise<Draft> {
  return wholly(database.transaction(["pictures", "bytes", "drafts"], "readwrite", DURABLE), async (work) => {
    await addTaken(work.objectStore("pictures"), work.objectStore("bytes"), taken);
    const drafts = work.objectStore("drafts");
    const whole = mergedWith(await drafts.get(form.draft.key), form);
    await drafts.put(whole);
    return whole;
  });
}

/** Keep the bytes of a picture, as part of a transaction. */
export async function addTaken(pictures: Shelf<StoredPicture>, bytes: Shelf<ArrayBuffer>, taken: Taken): Promise<void> {
  const { photo, full, preview } = taken;
  for (const [kind, sha256, content] of [["preview", photo.preview_sha256, preview], ["full", photo.sha256, full]] as const) {
    // The same picture once more: what is known of it stays. But one that was refused may have been damaged here: a record
    // waits for it, and these are good bytes.
    const known = await pictures.get(sha256);
    if (known && known.state !== "cached" && known.state !== "refused") continue;
    const state = known?.state === "refused" ? ("waiting" as const) : ("draft" as const);
    const made = { sha256, kind, mime: photo.mime, size: content.byteLength, state, madeAt: Date.now() };
    await pictures.put(known ? { ...made, unsure: true } : made);
    await bytes.put(content, sha256);
  }
}

/** The change that makes the record of a photo. */
export function photoChange(photo: Photo, of: Id, area: Id, schema: number): Change {
  const { id, caption, ...known } = photo;
  const set: Fields = { of, ...known };
  if (caption?.trim()) set["caption"] = caption.trim().normalize("NFC");
  return { id, record: id, type: "photo", area, set, schema };
}

/** From now on these pictures go to the centre. In the transaction that saves the records which name them. */
export async function letGo(pictures: Shelf<StoredPicture>, photos: Photo[]): Promise<void> {
  for (const photo of photos)
    for (const [kind, sha256] of [["preview", photo.preview_sha256], ["full", photo.sha256]] as const) {
      const picture = await pictures.get(sha256);
      if (picture?.state === "draft") void pictures.put({ ...picture, state: "waiting" });
      // Gone from here: its record is saved all the same, and where the centre has no such picture that is said then.
      if (!picture) void pictures.put({ sha256, kind, mime: photo.mime, size: 0, state: "waiting", unsure: true, madeAt: Date.now() });
    }
}

/** These pictures were thrown away just now: from now on, and not from when they were taken, they wait to be forgotten. */
export async function letLie(database: PersonDatabase, photos: Photo[]): Promise<void> {
  if (!photos.length) return;
  const work = database.transaction("pictures", "readwrite");
  for (const sha256 of photos.flatMap((each) => [each.preview_sha256, each.sha256])) {
    const picture = await work.store.get(sha256);
    if (picture?.state === "draft") await work.store.put({ ...picture, madeAt: Date.now() });
  }
  await work.done;
}

export async function countPictures(database: PersonDatabase): Promise<PictureCounts> {
  const index = database.transaction("pictures").store.index("state");
  const [waiting, refused] = await Promise.all([index.getAll("waiting"), index.getAll("refused")]);
  return {
    waiting: waiting.filter((each) => each.kind === "full").length || (waiting.length ? 1 : 0),
    waitingBytes: waiting.reduce((sum, each) => sum + each.size, 0),
    refused: refused.length,
  };
}

/** Put a refused picture into another state, or take it away (null). */
export async function mendPicture(database: PersonDatabase, sha256: string, state: PictureState | null): Promise<void> {
  const work = database.transaction(["pictures", "bytes"], "readwrite", DURABLE);
  const found = await work.objectStore("pictures").get(sha256);
  if (found?.state === "refused") {
    const { refusal: _why, address: _place, ...picture } = found;
    if (state) await work.objectStore("pictures").put({ ...picture, state });
    else await Promise.all([work.objectStore("pictures").delete(sha256), work.objectStore("bytes").delete(sha256)]);
  }
  await work.done;
}

export function inState(database: PersonDatabase, state: PictureState): Promise<StoredPicture[]> {
  return database.getAllFromIndex("pictures", "state", state);
}

/** Keep a picture of somebody else to be looked at again; it is the first to go. */
export async function cache(database: PersonDatabase, sha256: string, mime: string, bytes: ArrayBuffer): Promise<void> {
  const work = database.transaction(["pictures", "bytes"], "readwrite");
  if (!(await work.objectStore("pictures").get(sha256))) {
    const kind = bytes.byteLength > 60_000 ? "full" : "preview";
    await work.objectStore("pictures").put({ sha256, kind, mime, size: bytes.byteLength, state: "cached", madeAt: Date.now() });
    await work.objectStore("bytes").put(bytes, sha256);
  }
  await work.done;
}

/**
 * Take away what is no longer needed: pictures that were thrown away with their draft, full ones that reached the centre
 * 30 days ago, and, where there is less room than there should be, what the centre has, the oldest first.
 * *free*: bytes, null where the browser does not say. The bytes that were given back.
 */
export async function makeRoom(database: PersonDatabase, free: number | null, now = Date.now()): Promise<number> {
  const going = await toGo(database, free === null ? 0 : ROOM - free, now, await centreTime(database));
  if (!going.length) return 0;
  const work = database.transaction(["pictures", "bytes"], "readwrite", DURABLE);
  let given = 0;
  for (const picture of going) {
    // What a new epoch has called back in the meantime stays.
    if ((await work.objectStore("pictures").get(picture.sha256))?.state !== picture.state) continue;
    await work.objectStore("pictures").delete(picture.sha256);
    await work.objectStore("bytes").delete(picture.sha256);
    given += picture.size;
  }
  await work.done;
  return given;
}

/**
 * The centre's time at the last contact. By it the days of what was sent are counted: a phone's clock may jump from 1970 to
 * today, and thirty days would be over at once.
 */
export async function centreTime(database: PersonDatabase): Promise<number> {
  return ((await database.get("meta", "centreTime")) as number | undefined) ?? Date.now();
}

/** What is thrown away or too old, and of the rest, the least needed first, as much as *lacking* bytes ask for. */
async function toGo(database: PersonDatabase, lacking: number, now: number, atCentre: number): Promise<StoredPicture[]> {
  const work = database.transaction(["pictures", "drafts"], "readonly");
  const [all, drafts] = await Promise.all([work.objectStore("pictures").getAll(), work.objectStore("drafts").getAll()]);
  const named = new Set(drafts.flatMap((each) => each.photos ?? []).flatMap((each) => [each.sha256, each.preview_sha256]));
  const thrown = all.filter((each) => each.state === "draft" && !named.has(each.sha256) && each.madeAt < now - FORGOTTEN);
  const safe = all
    .filter((each) => each.state === "cached" || (each.state === "sent" && each.kind === "full"))
    .sort((one, other) => Number(other.state === "cached") - Number(one.state === "cached") || age(one) - age(other));
  const going = [...thrown];
  let given = thrown.reduce((sum, each) => sum + each.size, 0);
  for (const picture of safe) {
    const isOver = age(picture) < atCentre - KEEP_SENT && !wentHereLately(picture.sentHere, now);
    if (!isOver && given >= lacking) continue;
    going.push(picture);
    given += picture.size;
  }
  return going;
}

function age(picture: StoredPicture): number {
  return picture.sentAt ?? picture.madeAt;
}
