// A map comes onto the phone: piece by piece, from the byte at which the last try ended, however it ended. Must never ask for a
// byte that is here already, and never say that a map is here before each piece is what the centre said that it is.
import { bytesHere, lengthOf, mapsDatabase, type MapsDatabase, type Offer, type Pack } from "./packs";

export interface Centre {
  root: string;
  token: string;
  language: string;
}

/** Why a map did not come on: the link is cut, the phone is full, the centre refuses, what came is not what it should be. */
export type Trouble = "offline" | "no_room" | "signed_out" | "gone" | "damaged" | "busy";

export class Stopped extends Error {
  constructor(
    readonly trouble: Trouble,
    /** Seconds after which the centre said to come again. */
    readonly after = 0,
  ) {
    super(trouble);
  }
}

const KEPT_EACH = 64 * 1024; // bytes: an app that is killed loses no more of what came
const MOST_DAMAGED = 3;
const SPARE = 20_000_000; // bytes that a map leaves free for records and pictures

/** The maps that the centre offers to this person. */
export async function offered(centre: Centre): Promise<Offer[]> {
  const body = await json<{ maps?: Offer[] }>(await ask(centre, "maps"));
  if (!Array.isArray(body.maps)) throw new Stopped("offline");
  return body.maps;
}

/**
 * Bring a map, from where it stands. *told*: how many bytes are here. Resolves when it is whole; throws `Stopped` and keeps
 * what came.
 */
export async function bring(centre: Centre, offer: Offer, told: (bytes: number) => void, stop?: AbortSignal): Promise<Pack> {
  const database = await mapsDatabase();
  const pack = (await database.get("packs", offer.id)) ?? (await begin(centre, database, offer));
  if (pack.complete) return pack;
  const here = await bytesHere(pack);
  await hasRoom(pack.size - here);
  told(here);
  let damaged = 0;
  for (let number = Math.floor(here / pack.piece_bytes); number < pack.pieces.length; ) {
    if (await piece(centre, database, pack, number, told, stop)) number += 1;
    else if (++damaged >= MOST_DAMAGED) throw new Stopped("damaged");
  }
  const whole = { ...pack, complete: true };
  await written(database.put("packs", whole));
  return whole;
}

async function begin(centre: Centre, database: MapsDatabase, offer: Offer): Promise<Pack> {
  const told = await json<Pack>(await ask(centre, `maps/${offer.id}`));
  const isPack = Array.isArray(told.pieces) && told.piece_bytes > 0 && told.pieces.length === Math.ceil(told.size / told.piece_bytes);
  if (!isPack || told.id !== offer.id) throw new Stopped("offline");
  const pack = { ...told, complete: false };
  await written(database.put("packs", pack));
  return pack;
}

/** Bring one piece to its end. False: what came was not what it should be, and is thrown away. */
async function piece(centre: Centre, database: MapsDatabase, pack: Pack, number: number, told: (bytes: number) => void, stop?: AbortSignal): Promise<boolean> {
  const length = lengthOf(pack, number);
  const start = number * pack.piece_bytes;
  const made = new Uint8Array(length);
  const before = await database.get("pieces", [pack.id, number]);
  let got = before?.byteLength ?? 0;
  if (before) made.set(new Uint8Array(before).subarray(0, length));
  let kept = got;
  const keep = async () => {
    if (got === kept) return;
    await written(database.put("pieces", made.slice(0, got).buffer, [pack.id, number]));
    kept = got;
  };
  if (got < length) {
    const answer = await ask(centre, `maps/${pack.id}/file`, { Range: `bytes=${start + got}-${start + length - 1}` }, stop);
    if (answer.status !== 206 || !answer.headers.get("Content-Range")?.startsWith(`bytes ${start + got}-`) || !answer.body) throw new Stopped("offline");
    const reader = answer.body.getReader();
    try {
      for (let next = await reader.read(); !next.done && got < length; next = await reader.read()) {
        const some = next.value.subarray(0, length - got);
        made.set(some, got);
        got += some.length;
        told(start + got);
        if (got - kept >= KEPT_EACH && got < length) await keep();
      }
    } catch (error) {
      if (error instanceof Stopped) throw error;
      // The link broke in the midst of it: what came is kept below.
    } finally {
      void reader.cancel().catch(() => undefined);
    }
  }
  if (got < length) {
    await keep();
    throw new Stopped("offline");
  }
  if ((await hashOf(made)) !== pack.pieces[number]) {
    await database.delete("pieces", [pack.id, number]);
    told(start);
    return false;
  }
  await keep();
  return true;
}

async function ask(centre: Centre, path: string, headers: Record<string, string> = {}, stop?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`${centre.root}api/v1/${path}`, {
      headers: { Authorization: `Bearer ${centre.token}`, "Accept-Language": centre.language, ...headers },
      cache: "no-store",
      ...(stop ? { signal: stop } : {}),
    });
  } catch {
    throw new Stopped("offline");
  }
  if (answer.ok) return answer;
  // Only what is ours is believed: a wireless network's own page says nothing of a map.
  const isOurs = answer.headers.get("Content-Type")?.includes("problem+json");
  if (isOurs && answer.status === 401) throw new Stopped("signed_out");
  if (isOurs && answer.status === 404) throw new Stopped("gone");
  if (isOurs && answer.status === 503) throw new Stopped("busy", Number(answer.headers.get("Retry-After")) || 5);
  throw new Stopped("offline");
}

async function json<Body>(answer: Response): Promise<Body> {
  try {
    return (await answer.json()) as Body;
  } catch {
    throw new Stopped("offline");
  }
}

/** Write, and say it where the phone is full. */
async function written(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    throw (error as DOMException).name === "QuotaExceededError" ? new Stopped("no_room") : error;
  }
}

async function hasRoom(bytes: number): Promise<void> {
  if (!navigator.storage?.estimate) return;
  const { usage, quota } = await navigator.storage.estimate();
  if (usage !== undefined && quota !== undefined && quota - usage < bytes + SPARE) throw new Stopped("no_room");
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (each) => each.toString(16).padStart(2, "0")).join("");
}
