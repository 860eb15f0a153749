// A phone in Node: the real book and the real sync over fake-indexeddb, and a centre that a test scripts.
// Must never stand in for our own code: only what Node lacks of a browser is made here, and the network.
import "fake-indexeddb/auto";
import type { TestContext } from "node:test";
import { uuidv7 } from "uuidv7";
import { openBook, type Book } from "../../pwa/src/store/book";
import type { Area, Change, Fields, Id, Waiting } from "../../pwa/src/store/types";
import { beginPerson, type PersonDatabase, type SentChange, type StoredRecord } from "../../pwa/src/store/database";
import type { Taken } from "../../pwa/src/store/pictures";
import { apply, type Applied } from "../../pwa/src/sync/apply";
import type { Ask, Reply, WireRecord } from "../../pwa/src/sync/exchange";
import { CONTENT_TYPE, pack, unpack } from "../../pwa/src/sync/packing";
import { sync, type Outcome, type Surroundings } from "../../pwa/src/sync/run";

type Work<T> = () => Promise<T>;

/** What fetch does when its asker gives up; one that nobody will give up is not waited for. */
function aborted(signal: AbortSignal | null | undefined): Promise<never>[] {
  return signal ? [untilAborted(signal)] : [];
}

function untilAborted(stop: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => stop.addEventListener("abort", () => reject(stop.reason)));
}

/** Web Locks as far as the app uses them: whoever asks for a name waits, until stopped, for all who asked before. */
class Locks {
  private readonly last = new Map<string, Promise<unknown>>();

  request<T>(name: string, options: { signal?: AbortSignal } | Work<T>, work = options as Work<T>): Promise<T> {
    const stop = "signal" in options ? options.signal : undefined;
    const turn = this.last.get(name) ?? Promise.resolve();
    const mine = stop ? Promise.race([turn, untilAborted(stop)]).then(work) : turn.then(work);
    this.last.set(name, Promise.allSettled([turn, mine]));
    return mine;
  }
}

const navigator = { locks: new Locks(), userAgent: "Mozilla/5.0 (Linux; Android 13; SM-A045F)", platform: "Linux" };
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });

/** Local storage, which Node keeps behind a flag. */
const kept = new Map<string, string>();
const localStorage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
};
Object.defineProperty(globalThis, "localStorage", { value: localStorage, configurable: true });

export const AREA = uuidv7();
export const OTHER_AREA = uuidv7();
export const EPOCH = uuidv7();
const DAY = 24 * 3600 * 1000;
export const daysAgo = (days: number) => Date.now() - days * DAY;

// The centre ---------------------------------------------------------------------------------------------------------

export interface Asked {
  token: string;
  packed: boolean;
  body: Pick<Ask, "epoch" | "areas" | "changes" | "limit" | "report" | "refused">;
}

/** What the centre does with one request; a throw is a link that broke. */
export type Answer = (asked: Asked) => Partial<Reply> | Response | Promise<Partial<Reply> | Response>;

/** Answers in the order of its script; at its end it accepts everything and has no news. */
export class Centre {
  readonly asked: Asked[] = [];
  private readonly script: Answer[] = [];

  says(...answers: (Answer | Partial<Reply>)[]): void {
    this.script.push(...answers.map((each) => (typeof each === "function" ? each : () => each)));
  }

  readonly fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    const packed = headers.get("Content-Type") === CONTENT_TYPE;
    const raw = new Uint8Array(await new Response(init.body ?? null).arrayBuffer());
    const body = JSON.parse(packed ? await unpack(raw) : new TextDecoder().decode(raw)) as Asked["body"];
    const asked = { token: headers.get("Authorization") ?? "", packed, body };
    this.asked.push(asked);
    const answer = (await Promise.race([this.script.shift()?.(asked), ...aborted(init.signal)])) ?? {};
    return answer instanceof Response ? answer : respond(reply(asked.body.changes, answer, asked.body.areas), packed);
  };
}

/** A whole reply to *changes*: all accepted and no news, but for what is *said*. */
export function reply(
  changes: Change[],
  said: Partial<Reply> = {},
  areas: Record<Id, unknown> = { [AREA]: null },
): Reply {
  return {
    protocol: 1,
    epoch: EPOCH,
    server_time: new Date().toISOString(),
    accepted: changes.length - (said.rejected?.length ?? 0),
    rejected: [],
    areas: Object.fromEntries(
      Object.keys(areas).map((area) => [area, { cursor: uuidv7(), more: false, role: "officer" }]),
    ),
    records: [],
    gone: [],
    ...said,
  };
}

/** A reply on the wire, packed or as plain JSON. */
export function respond(said: Reply, packed: boolean): Response {
  const type = packed ? CONTENT_TYPE : "application/json";
  return new Response(wireBytes(said, packed), { headers: { "Content-Type": type } });
}

export function wireBytes(said: Reply, packed: boolean): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(said);
  return new Uint8Array(packed ? pack(text)! : new TextEncoder().encode(text));
}

/** A record as the centre tells it; all its fields come from one change unless *more* says otherwise. */
export function told(fields: Fields, more: Partial<WireRecord> = {}): WireRecord {
  return { id: uuidv7(), type: "farmer", area: AREA, seq: 1, fields, heads: uuidv7(), ...more };
}

export function refusal(change: Change, reason = "forbidden"): Reply["rejected"][number] {
  return { id: change.id, reason, detail: { field: "name" } as unknown as Record<string, never> };
}

/** An answer that waits until the test lets it go on; `reached` settles when the request is there. */
export function held(answer: Partial<Reply> = {}) {
  let arrive = () => {};
  let letGo = () => {};
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  const held: Answer = async () => {
    arrive();
    await gone;
    return answer;
  };
  return { answer: held, reached, letGo };
}

// The phone ----------------------------------------------------------------------------------------------------------

export class Phone {
  readonly centre = new Centre();

  constructor(
    readonly user: Id,
    readonly book: Book,
    /** A connection of the test's own, to look past what the book says. */
    readonly disk: PersonDatabase,
  ) {}

  sync(more: Partial<Surroundings> = {}): Promise<Outcome> {
    return sync({
      root: "https://centre.test/",
      user: this.user,
      language: "vi",
      version: "test",
      onNews: (records) => this.book.refresh(records === "all" ? { all: true } : { records }),
      onGoing: (changes) => this.book.markGoing(changes),
      ...more,
    });
  }

  /** Read *said* as the answer to all that waits and was not refused. */
  async take(said: Partial<Reply> = {}): Promise<Applied> {
    const batch = (await this.outbox()).filter((each) => !each.refused);
    const applied = await apply(
      this.disk,
      reply(
        batch.map((each) => each.change),
        said,
      ),
      batch,
    );
    await this.book.load();
    return applied;
  }

  /** A new farmer, or an edit of one. */
  async save(set: Fields, record: Id = uuidv7(), area = AREA): Promise<Change> {
    return (await this.book.save({ type: "farmer", area, record, set }))!;
  }

  base = (id: Id): Promise<StoredRecord | undefined> => this.disk.get("base", id);
  outbox = (): Promise<Waiting[]> => this.disk.getAll("outbox");
  sent = (): Promise<SentChange[]> => this.disk.getAll("sent");
  meta = (key: string): Promise<unknown> => this.disk.get("meta", key);
  waitingIds = async (): Promise<Id[]> => (await this.outbox()).map((each) => each.change.id);
  sentIds = async (): Promise<Id[]> => (await this.sent()).map((each) => each.id);

  /** Everything on disk as text, except these keys of `meta`. */
  async dump(...except: string[]): Promise<string> {
    const found: Record<string, [unknown, unknown][]> = {};
    for (const store of ["base", "outbox", "sent", "drafts", "pictures", "meta"] as const) {
      const [keys, values] = await Promise.all([this.disk.getAllKeys(store), this.disk.getAll(store)]);
      const pairs = keys.map((key, place): [unknown, unknown] => [key, values[place]]);
      found[store] = pairs.filter(([key]) => store !== "meta" || !except.includes(String(key)));
    }
    return JSON.stringify(found, null, 1);
  }
}

/** The phone of somebody who has just signed in. */
export async function newPhone(
  t: TestContext,
  areas: Record<Id, Area> = { [AREA]: officer("Bản Mòng") },
): Promise<Phone> {
  const user = uuidv7();
  const disk = await beginPerson(user);
  await Promise.all([disk.put("meta", "token-1", "token"), disk.put("meta", areas, "areas")]);
  const phone = new Phone(user, await openBook(user), disk);
  globalThis.fetch = phone.centre.fetch;
  // An open channel would keep Node alive.
  t.after(() => [phone.book, disk].forEach((each) => each.close()));
  return phone;
}

export const officer = (name: string): Area => ({ name, role: "officer" });

/** A phone with something in every store: read, sent, refused, waiting, half-typed. */
export async function livedIn(t: TestContext): Promise<Phone & { known: Id }> {
  const phone = await newPhone(t);
  const known = told({ name: "Lò Văn Pâng", village: "Bản Mòng" });
  phone.centre.says({ records: [known, told({ name: "Quàng Thị É" })] });
  await phone.sync();
  await phone.save({ phone: "0912 345 678" }, known.id);
  await phone.save({ phone: "0913 345 678" }, known.id);
  await phone.sync();
  const refused = await phone.save({ name: "Lò Pâng" }, known.id);
  phone.centre.says({ rejected: [refusal(refused)] });
  await phone.sync();
  await phone.save({ name: "Cà Văn Ún" });
  await phone.save({ village: "Bản Hụm" }, known.id);
  await phone.book.putDraft({
    key: "farmer/half",
    type: "farmer",
    record: uuidv7(),
    area: AREA,
    schema: 1,
    typed: { name: "L" },
    over: {},
    isNew: true,
    changedAt: 1,
  });
  phone.centre.asked.length = 0;
  return Object.assign(phone, { known: known.id });
}

/** The phone's own device: nobody has ever signed in here. */
export async function emptyOrigin(): Promise<void> {
  kept.clear();
  await wiped();
}

/** Everything of the origin's databases is gone, as when the browser throws them away; local storage stays. */
export async function wiped(which: (name: string) => boolean = () => true): Promise<void> {
  for (const { name } of await indexedDB.databases())
    if (name && which(name)) await new Promise((done) => (indexedDB.deleteDatabase(name).onsuccess = done));
}

/** A centre at which everybody may sign in, and nothing else happens. */
export function admits(users: Record<string, Id>, areas: Record<Id, Area> = { [AREA]: officer("Bản Mòng") }): void {
  globalThis.fetch = async (_url, init) => {
    if (init?.method === "DELETE") return new Response(null, { status: 204 });
    const { username } = JSON.parse(String(init?.body)) as { username: string };
    const user = { id: users[username], username, name: username };
    return Response.json({ token: `of-${username}`, user, areas }, { status: 201 });
  };
}

/** Another book on the same database, as a second tab has it. */
export async function secondTab(t: TestContext, phone: Phone): Promise<Book> {
  const book = await openBook(phone.user);
  t.after(() => book.close());
  return book;
}

/** A picture that was just taken; its bytes say *what*, as often as it takes to fill *size* bytes. */
export async function taken(what: string, size = 3000): Promise<Taken> {
  const [full, preview] = [filled(what, size), filled(`${what}, small`, Math.min(size, 300))];
  const [sha256, preview_sha256] = [await hashOf(full), await hashOf(preview)];
  const photo = { id: uuidv7(), sha256, preview_sha256, size_bytes: size, mime: "image/jpeg", width: 1600, height: 1200 };
  return { photo: { ...photo, taken_at: "2026-11-23T02:00:00.000Z" }, full, preview };
}

function filled(what: string, size: number): ArrayBuffer {
  const bytes = new Uint8Array(size);
  const words = new TextEncoder().encode(what);
  for (let at = 0; at < size; at++) bytes[at] = words[at % words.length]!;
  return bytes.buffer;
}

export async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (each) => each.toString(16).padStart(2, "0")).join("");
}
