// One round trip to the centre. Must never change anything on the phone: it asks, and reads the answer.
import { SCHEMA } from "../records/schema";
import { CONTENT_TYPE, MEDIA_TYPE, pack, unpack } from "./packing";
import type { Candidate, Change, Decision, Fields, Id } from "../store/types";
import type { ListNews } from "./lists";

export interface WireRecord {
  id: Id;
  type: string;
  area: Id;
  seq: number;
  fields?: Fields;
  heads: Id | Record<Id, string[]>;
  conflicts?: Record<string, Candidate[]>;
  deleted?: boolean;
}

export interface AreaNews {
  cursor: string;
  more: boolean;
  role: string;
  /** Told when the area is read from nothing. */
  name?: string;
  /** How many records are still to come, told while there are more. */
  left?: number;
}

export interface Reply {
  protocol: 1;
  epoch: string;
  server_time: string;
  accepted: number;
  rejected: { id: Id; reason: string; detail: Record<string, never> }[];
  areas: Record<Id, AreaNews>;
  records: WireRecord[];
  gone: { id: Id; area?: Id }[];
  people?: Record<Id, string>;
  /** How somebody decided about changes that were refused before. */
  settled?: Record<Id, Decision>;
  /** What is new in the installation's own lists. */
  lists?: ListNews;
}

export interface Ask {
  root: string;
  token: string;
  language: string;
  epoch: string | null;
  areas: Record<Id, string | null>;
  /** The last cursors of areas that were taken away: the centre looks whether its log still bears them out. */
  marks?: Record<Id, string>;
  /** Changes that were refused before and still stand here: has somebody decided about them? */
  refused?: Id[];
  /** How far the installation's own lists were read; absent where there are none. */
  lists?: number;
  changes: Change[];
  limit: number;
  report?: object;
  /** Ends the wait: nobody wants the answer any more. */
  stop?: AbortSignal;
}

/** No answer of ours came: everything stays as it is. `why` is a key of the words for the last try. */
export class NoAnswer extends Error {
  constructor(
    readonly why: "offline" | "timeout" | "not_us" | "server_trouble" | "signed_out" | "refused" | "stopped",
    readonly detail = "",
    /** The centre asks for a little patience: seconds after which to ask again. */
    readonly after?: number,
    /** The centre takes no message of this size. */
    readonly tooLarge = false,
  ) {
    super(why);
  }
}

const PATIENCE = 60_000;

export async function exchange(ask: Ask): Promise<Reply> {
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  const timer = setTimeout(() => waiting.abort(new DOMException("no answer", "TimeoutError")), PATIENCE);
  ask.stop?.addEventListener("abort", stop);
  try {
    if (ask.stop?.aborted) throw new NoAnswer("stopped");
    return await speak(ask, waiting.signal);
  } catch (error) {
    throw ask.stop?.aborted ? new NoAnswer("stopped") : error;
  } finally {
    clearTimeout(timer);
    ask.stop?.removeEventListener("abort", stop);
  }
}

async function speak(ask: Ask, waiting: AbortSignal): Promise<Reply> {
  const body = JSON.stringify({
    protocol: 1,
    epoch: ask.epoch,
    schema: SCHEMA,
    sent_at: new Date().toISOString(),
    areas: ask.areas,
    ...(ask.marks ? { marks: ask.marks } : {}),
    ...(ask.refused?.length ? { refused: ask.refused } : {}),
    ...(ask.lists ? { lists: ask.lists } : {}),
    changes: ask.changes,
    limit: ask.limit,
    ...(ask.report ? { report: ask.report } : {}),
  });
  let response = await post(ask, body, pack(body), waiting);
  // A centre older than this app does not have its dictionary: it understands plain JSON.
  if (response.status === 415) response = await post(ask, body, null, waiting);
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim();
  if (type === "application/problem+json") {
    // Only the centre itself can say so: a captive portal that answers 401 would sign out an officer in the hills.
    if (response.status === 401) throw new NoAnswer("signed_out");
    const problem = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new NoAnswer(response.status >= 500 ? "server_trouble" : "refused", problem.detail, patienceIn(response), response.status === 413);
  }
  if (response.status >= 500) throw new NoAnswer("server_trouble");
  if (response.status !== 200 || (type !== "application/json" && type !== MEDIA_TYPE)) throw new NoAnswer("not_us");
  return checked(await read(response, type === MEDIA_TYPE), ask.changes);
}

function patienceIn(response: Response): number | undefined {
  const said = response.headers.get("Retry-After") ?? "";
  return response.status === 503 && /^\d{1,3}$/.test(said) ? Number(said) : undefined;
}

async function post(ask: Ask, body: string, packed: Uint8Array | null, waiting: AbortSignal): Promise<Response> {
  try {
    return await fetch(`${ask.root}api/v1/sync`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${ask.token}`,
        "Accept-Language": ask.language,
        "Content-Type": packed ? CONTENT_TYPE : "application/json",
      },
      body: packed ? new Blob([packed as BlobPart]) : body,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: waiting,
    });
  } catch (error) {
    throw new NoAnswer(error instanceof DOMException && error.name === "TimeoutError" ? "timeout" : "offline");
  }
}

async function read(response: Response, packed: boolean): Promise<unknown> {
  let bytes: ArrayBuffer;
  try {
    bytes = await response.arrayBuffer();
  } catch {
    throw new NoAnswer("offline"); // cut off in mid-answer
  }
  try {
    return JSON.parse(packed ? await unpack(new Uint8Array(bytes)) : new TextDecoder().decode(bytes));
  } catch {
    throw new NoAnswer("not_us"); // something that only calls itself ours
  }
}

/** The reply, if it bears our marks and accounts for every change that was sent. */
function checked(reply: unknown, sent: Change[]): Reply {
  const found = reply as Partial<Reply> | null;
  const ours =
    found !== null &&
    typeof found === "object" &&
    found.protocol === 1 &&
    typeof found.epoch === "string" &&
    Array.isArray(found.records) &&
    Array.isArray(found.gone) &&
    Array.isArray(found.rejected) &&
    typeof found.areas === "object" &&
    found.areas !== null &&
    typeof found.accepted === "number" &&
    found.accepted + found.rejected.length === sent.length &&
    eachOnce(found.rejected, sent);
  if (!ours) throw new NoAnswer("not_us");
  return found as Reply;
}

/** Whether the refusals name changes that were sent, and none of them twice: else one would be taken for accepted. */
function eachOnce(rejected: Reply["rejected"], sent: Change[]): boolean {
  const named = new Set(rejected.map((each) => each?.id));
  const known = new Set(sent.map((each) => each.id));
  return named.size === rejected.length && [...named].every((id) => known.has(id));
}
