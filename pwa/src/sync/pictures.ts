// Pictures to the centre, by tus 1.0 (https://tus.io/protocols/resumable-upload): previews first, full ones after them all.
// Must never hold up a record, and never take a picture for sent before the centre has said that it is kept.
import type { PersonDatabase, StoredPicture } from "../store/database";
import { centreTime, inState, makeRoom } from "../store/pictures";
import { storageState } from "../store/storage";
import { NoAnswer } from "./exchange";

export interface Centre {
  root: string;
  token: string;
  language: string;
  /** Ends what is under way: somebody signed out. */
  stop?: AbortSignal | undefined;
}

const VERSION = "1.0.0";
const CHUNK = "application/offset+octet-stream";
const SMALLEST = 4_000;
const FIRST = 16_000;
const LARGEST = 256_000;
const QUICK = 5_000; // ms: a chunk that went faster than this may be followed by a larger one
const PATIENCE = 90_000;
const MOST_ASKED = 500;
const MOST_LOST = 3; // times that one picture begins anew before it waits for the next sync

/** The centre will never take this picture as it is. */
class Refusal extends Error {}
/** The centre knows nothing of this upload any more, or not where it stands: begin again, or ask. */
class Lost extends Error {}

/** Send what waits. False: a record came to wait meanwhile, and goes first. Throws `NoAnswer`; what was sent stays sent. */
export async function sendPictures(database: PersonDatabase, centre: Centre, onNews: () => Promise<void>): Promise<boolean> {
  await askForUnsure(database, centre);
  for (const kind of ["preview", "full"] as const) {
    const waiting = (await inState(database, "waiting")).filter((each) => each.kind === kind);
    for (const picture of waiting.sort((one, other) => one.madeAt - other.madeAt)) {
      if (!(await send(database, centre, picture))) return false;
      await onNews();
    }
  }
  await makeRoom(database, (await storageState()).freeBytes);
  return true;
}

/** Of pictures that the centre may have already, ask which it lacks: a name is cheaper than a picture. */
async function askForUnsure(database: PersonDatabase, centre: Centre): Promise<void> {
  const unsure = (await inState(database, "waiting")).filter((each) => each.unsure);
  for (let at = 0; at < unsure.length; at += MOST_ASKED) {
    const asked = unsure.slice(at, at + MOST_ASKED);
    const response = await reach(centre, `${centre.root}api/v1/photos/missing`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sha256: asked.map((each) => each.sha256) }),
    });
    const { missing } = (await response.json().catch(() => ({}))) as { missing?: unknown };
    if (response.status !== 200 || !Array.isArray(missing)) throw new NoAnswer("not_us");
    const lacking = new Set(missing);
    for (const picture of asked) {
      if (lacking.has(picture.sha256)) await keep(database, picture, { unsure: false });
      else await sent(database, picture);
    }
  }
}

/** Send one picture to its end. False: a record waits. */
async function send(database: PersonDatabase, centre: Centre, picture: StoredPicture): Promise<boolean> {
  const bytes = await database.get("bytes", picture.sha256);
  if (!bytes) {
    await keep(database, picture, { state: "refused", refusal: "gone_from_phone" });
    return true;
  }
  let { address } = picture;
  let lost = 0;
  for (let offset = -1; offset < bytes.byteLength; ) {
    if (await recordWaits(database)) return false;
    try {
      if (!address) ({ address, offset } = await begin(database, centre, picture, bytes));
      else if (offset < 0) offset = await ask(centre, address);
      else offset = await sendChunk(database, centre, address, bytes, offset);
    } catch (error) {
      if (error instanceof Lost) {
        if (++lost > MOST_LOST) throw new NoAnswer("server_trouble");
        offset = -1;
        // A place that is not known is asked for; an upload that is gone begins anew.
        if (error.message === "gone") await keep(database, picture, { address: (address = undefined) });
        continue;
      }
      if (!(error instanceof Refusal)) throw error;
      await keep(database, picture, { state: "refused", refusal: error.message });
      return true;
    }
  }
  await sent(database, picture);
  return true;
}

/** Announce a picture, its first bytes along with it. */
async function begin(database: PersonDatabase, centre: Centre, picture: StoredPicture, bytes: ArrayBuffer) {
  // Should the answer be lost, the centre may have it: then it is asked first.
  await keep(database, picture, { unsure: true });
  const response = await chunked(database, (size) =>
    reach(centre, `${centre.root}api/v1/photos`, {
      method: "POST",
      headers: {
        "Content-Type": CHUNK,
        "Upload-Length": String(bytes.byteLength),
        "Upload-Metadata": `sha256 ${btoa(picture.sha256)}`,
      },
      body: bytes.slice(0, size),
    }),
  );
  const place = response.headers.get("Location");
  if (response.status !== 201 || !place) throw new NoAnswer("not_us");
  const address = new URL(place, response.url || centre.root).href;
  await keep(database, picture, { address, unsure: false });
  return { address, offset: offsetIn(response) };
}

/** How much of it the centre has. */
async function ask(centre: Centre, address: string): Promise<number> {
  return offsetIn(await reach(centre, address, { method: "HEAD" }));
}

async function sendChunk(database: PersonDatabase, centre: Centre, address: string, bytes: ArrayBuffer, offset: number) {
  const response = await chunked(database, (size) =>
    reach(centre, address, {
      method: "PATCH",
      headers: { "Content-Type": CHUNK, "Upload-Offset": String(offset) },
      body: bytes.slice(offset, offset + size),
    }),
  );
  const end = offsetIn(response);
  if (response.status !== 204 || end <= offset) throw new NoAnswer("not_us");
  return end;
}

/** Send a chunk of the size that this link carried last; the next one is larger, or half as large. */
async function chunked(database: PersonDatabase, carry: (size: number) => Promise<Response>): Promise<Response> {
  const size = ((await database.get("meta", "chunk")) as number | undefined) ?? FIRST;
  const start = Date.now();
  let next = size;
  try {
    const response = await carry(size);
    if (Date.now() - start < QUICK) next = Math.min(LARGEST, size * 2);
    return response;
  } catch (error) {
    if (error instanceof NoAnswer && (error.why === "offline" || error.why === "timeout")) next = Math.max(SMALLEST, size >> 1);
    throw error;
  } finally {
    if (next !== size) await database.put("meta", next, "chunk");
  }
}

/** One request to the centre. Throws `NoAnswer` for an answer that is not ours, `Refusal` and `Lost` as it says. */
async function reach(centre: Centre, address: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
  const response = await fetchPatiently(centre, address, {
    ...init,
    headers: {
      ...init.headers,
      "Tus-Resumable": VERSION,
      Authorization: `Bearer ${centre.token}`,
      "Accept-Language": centre.language,
    },
    cache: "no-store",
    credentials: "omit",
  });
  if (response.ok) return response;
  // A HEAD has no body to tell by: there the header does.
  const type = response.headers.get("Content-Type") ?? "";
  const ours = type.startsWith("application/problem+json") && (init.method !== "HEAD" || response.headers.has("Tus-Resumable"));
  if (!ours) throw new NoAnswer(response.status >= 500 ? "server_trouble" : "not_us");
  if (response.status === 401) throw new NoAnswer("signed_out");
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (response.status === 404 || response.status === 410) throw new Lost("gone");
  if (response.status === 409 || response.status === 423 || response.status === 460) throw new Lost("elsewhere");
  if (response.status >= 500 || response.status === 429) throw new NoAnswer("server_trouble", problem.detail);
  throw new Refusal(problem.code ?? String(response.status));
}

/** Fetch, but not for ever, and no longer than anybody is signed in. */
async function fetchPatiently(centre: Centre, address: string, init: RequestInit): Promise<Response> {
  const waiting = new AbortController();
  let late = false;
  const timer = setTimeout(() => ((late = true), waiting.abort()), PATIENCE);
  const stop = () => waiting.abort();
  centre.stop?.addEventListener("abort", stop);
  try {
    if (centre.stop?.aborted) throw new NoAnswer("stopped");
    return await fetch(address, { ...init, signal: waiting.signal });
  } catch {
    throw new NoAnswer(centre.stop?.aborted ? "stopped" : late ? "timeout" : "offline");
  } finally {
    clearTimeout(timer);
    centre.stop?.removeEventListener("abort", stop);
  }
}

function offsetIn(response: Response): number {
  const text = response.headers.get("Upload-Offset");
  if (text === null || !/^\d+$/.test(text)) throw new NoAnswer("not_us");
  return Number(text);
}

async function recordWaits(database: PersonDatabase): Promise<boolean> {
  return (await database.getAll("outbox")).some((each) => !each.refused);
}

async function sent(database: PersonDatabase, picture: StoredPicture): Promise<void> {
  await keep(database, picture, { state: "sent", sentAt: await centreTime(database), sentHere: Date.now(), address: undefined, unsure: false });
}

/** Write what is new of a picture, over what stands on disk now. */
async function keep(database: PersonDatabase, { sha256 }: StoredPicture, news: { [Key in keyof StoredPicture]?: StoredPicture[Key] | undefined }): Promise<void> {
  const work = database.transaction("pictures", "readwrite");
  const now = await work.store.get(sha256);
  if (now) await work.store.put(Object.fromEntries(Object.entries({ ...now, ...news }).filter(([, value]) => value !== undefined)) as unknown as StoredPicture);
  await work.done;
}
