// Who is at this phone. Signing in needs the centre once; signing out never does, and keeps what is unsent.
import { uuidv7 } from "uuidv7";
import { gone } from "./storage";
import { DURABLE, openDevice, openPerson, type DeviceDatabase, type Person } from "./database";
import type { Area } from "./book";
import type { Id } from "./types";

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
  return (device ??= openDevice());
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

/** Who is signed in on this phone, if anybody. */
export async function currentPerson(): Promise<Person | undefined> {
  const database = await deviceDatabase();
  const id = (await database.get("meta", "current")) as Id | undefined;
  return id ? database.get("people", id) : undefined;
}

export async function signIn(root: string, username: string, password: string, language: string): Promise<Person> {
  const answer = await ask(root, username, password, language);
  const person: Person = answer.user;
  const book = await openPerson(person.id);
  const work = book.transaction("meta", "readwrite", DURABLE);
  await Promise.all([
    work.store.put(answer.token, "token"),
    work.store.put(answer.areas, "areas"),
    work.store.put(Date.now(), "lastContact"),
    work.store.put(true, "begun"),
    work.done,
  ]);
  book.close();
  const database = await deviceDatabase();
  await database.put("people", person);
  await database.put("meta", person.id, "current");
  gone.remember(person.id);
  return person;
}

/** Leave the phone to another. What this person has not sent stays here, closed, until they sign in again. */
export async function signOut(root: string, user: Id): Promise<void> {
  const database = await deviceDatabase();
  const book = await openPerson(user);
  const token = (await book.get("meta", "token")) as string | undefined;
  await book.put("meta", null, "token");
  book.close();
  await database.delete("meta", "current");
  if (token) {
    // The token dies at the centre when it can be told; this phone has forgotten it either way.
    void fetch(`${root}api/v1/session`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${token}` },
      keepalive: true,
    }).catch(() => undefined);
  }
}

interface Answer {
  token: string;
  user: Person;
  areas: Record<Id, Area>;
}

async function ask(root: string, username: string, password: string, language: string): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${root}api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify({
        username: username.normalize("NFC"),
        password,
        device: { id: await deviceId(), name: deviceName() },
      }),
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

function deviceName(): string {
  const found = /\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? navigator.platform;
  return found.split(";").slice(0, 3).join(" ·").slice(0, 100);
}
