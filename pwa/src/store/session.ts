// Who is at this phone. Signing in needs the centre once; signing out never does, and keeps what is unsent.
import { uuidv7 } from "uuidv7";
import { beginPerson, DURABLE, openDevice, openPerson, type DeviceDatabase, type Person } from "./database";
import { lookForLosses, marks, NONE } from "./lost";
import { countPictures } from "./pictures";
import type { Area, Id } from "./types";

export class SignInFailed extends Error {
  constructor(
    /** "offline", or a problem's code. */
    readonly code: string,
    /** The centre's sentence, in the reader's language. */
    readonly sentence = "",
  ) {
    super(code);
  }
}

let device: Promise<DeviceDatabase> | undefined;

export function deviceDatabase(): Promise<DeviceDatabase> {
  device ??= openDevice(() => (device = undefined)).catch((error: unknown) => {
    // The next who asks tries again.
    device = undefined;
    throw error;
  });
  return device;
}

/** This installation's id, made when it is first asked for. */
export async function deviceId(): Promise<Id> {
  const database = await deviceDatabase();
  const work = database.transaction("meta", "readwrite", DURABLE);
  const known = (await work.store.get("device")) as Id | undefined;
  const id = known ?? uuidv7();
  if (!known) await work.store.put(id, "device");
  await work.done;
  return id;
}

/** Who is signed in on this phone, if anybody. What the browser threw away is noticed first. */
export async function currentPerson(): Promise<Person | undefined> {
  const database = await deviceDatabase();
  await atThePhone(() => lookForLosses(database));
  const id = (await database.get("meta", "current")) as Id | undefined;
  return id ? database.get("people", id) : undefined;
}

/** By what somebody is known to the centre: a name and a password, or a code that a manager showed. */
export type Proof = { username: string; password: string } | { code: string };

export async function signIn(root: string, proof: Proof, language: string): Promise<Person> {
  const answer = await ask(root, proof, language);
  const device = await deviceId();
  const database = await deviceDatabase();
  await atThePhone(async () => {
    await begin(answer, device);
    const work = database.transaction(["people", "meta"], "readwrite", DURABLE);
    void work.objectStore("people").put(answer.user);
    void work.objectStore("meta").put(answer.user.id, "current");
    await work.done;
    marks.set(answer.user.id, marks.all()[answer.user.id] ?? NONE);
  });
  tellTabs();
  return answer.user;
}

/** The id of who is signed in on this phone, if anybody. */
export async function currentId(): Promise<Id | undefined> {
  return (await (await deviceDatabase()).get("meta", "current")) as Id | undefined;
}

const PEOPLE = "nuong-people";
let heard: BroadcastChannel | undefined;

/** *told* whenever somebody signs in or out in another tab: what is typed here is not theirs. */
export function onOtherPerson(told: () => void): void {
  heard = new BroadcastChannel(PEOPLE);
  heard.onmessage = told;
}

function tellTabs(): void {
  const channel = heard ?? new BroadcastChannel(PEOPLE);
  channel.postMessage(null);
  if (channel !== heard) channel.close();
}

/**
 * Accounts of the same name that were on this phone before: a centre that was begun anew, or restored from before they were there,
 * has given the name to another. Their own can never sign in again.
 */
async function earlierSelves(user: Id): Promise<Person[]> {
  const database = await deviceDatabase();
  const me = await database.get("people", user);
  const done = new Set((await database.get("meta", "takenOver")) as Id[] | undefined);
  const fold = (name: string) => name.normalize("NFC").trim().toLowerCase();
  const all = await database.getAll("people");
  return me?.username ? all.filter((each) => each.id !== user && !done.has(each.id) && fold(each.username) === fold(me.username)) : [];
}

/** How much stands with each of them on this phone alone. */
export async function earlierWork(user: Id): Promise<{ person: Person; entries: number; drafts: number; pictures: number }[]> {
  const found = [];
  for (const person of await earlierSelves(user)) {
    const book = await openPerson(person.id).catch(() => null);
    if (!book) continue;
    const [entries, drafts, { waiting }] = await Promise.all([book.count("outbox"), book.count("drafts"), countPictures(book)]);
    book.close();
    if (entries || drafts || waiting) found.push({ person, entries, drafts, pictures: waiting });
  }
  return found;
}

/** What stood with an earlier account has been taken over, and is offered no more; it stays where it is. */
export async function takenOver(user: Id): Promise<void> {
  const database = await deviceDatabase();
  const done = ((await database.get("meta", "takenOver")) as Id[] | undefined) ?? [];
  await database.put("meta", [...new Set([...done, user])], "takenOver");
}

/** Write down who it is and what is theirs. What stands there from before stays: it may wait to be sent. */
async function begin({ user, token, areas }: Answer, device: Id): Promise<void> {
  const book = await beginPerson(user.id);
  const work = book.transaction("meta", "readwrite", DURABLE);
  const known = ((await work.store.get("areas")) as Record<Id, Area> | undefined) ?? {};
  await Promise.all([
    work.store.put(token, "token"),
    // An area that was taken away in the meantime goes when its unsent changes have been answered.
    work.store.put({ ...known, ...areas }, "areas"),
    work.store.put(Date.now(), "lastContact"),
    work.store.put(user, "person"),
    work.store.put(device, "device"),
    work.store.put(true, "begun"),
    work.done,
  ]);
  book.close();
}

/** Leave the phone to another. What this person has not sent stays here, closed, until they sign in again. */
export async function signOut(root: string, user: Id): Promise<void> {
  const database = await deviceDatabase();
  // Somebody else may have signed in by a code in the meantime.
  if ((await database.get("meta", "current")) === user) await database.delete("meta", "current");
  tellTabs();
  const book = await openPerson(user);
  const work = book.transaction("meta", "readwrite", DURABLE);
  const token = (await work.store.get("token")) as string | null | undefined;
  await work.store.put(null, "token");
  await work.done;
  book.close();
  if (token) {
    // The token dies at the centre when it can be told; this phone has forgotten it either way.
    void fetch(`${root}api/v1/session`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${token}` },
      keepalive: true,
    }).catch(() => undefined);
  }
}

/** One at a time, across tabs: a sign-in that is half done must not look like something lost. */
function atThePhone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks.request("nuong-people", work) as Promise<T>;
}

interface Answer {
  token: string;
  user: Person;
  areas: Record<Id, Area>;
}

async function ask(root: string, proof: Proof, language: string): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${root}api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify({ ...settled(proof), device: { id: await deviceId(), name: deviceName() } }),
      signal: AbortSignal.timeout(60_000),
    });
  } catch {
    throw new SignInFailed("offline");
  }
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) throw new SignInFailed("not_us");
  const body = await response.json().catch(() => ({}));
  if (response.status === 201 && typeof body.token === "string") return body as Answer;
  throw new SignInFailed(typeof body.code === "string" ? body.code : "not_us", body.detail);
}

function settled(proof: Proof): Proof {
  return "code" in proof ? { code: proof.code.trim() } : { ...proof, username: proof.username.normalize("NFC") };
}

function deviceName(): string {
  const found = /\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? navigator.platform;
  return found.split(";").slice(0, 3).join(" ·").slice(0, 100);
}
