// The databases on the phone: one for the device, one per person. Upgrades only ever add.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { BaseRecord, Change, Draft, Id, Waiting } from "./types";

export interface SentChange {
  id: Id;
  change: Change;
  /** By the centre's clock. */
  sentAt: number;
  /** The same by the phone's own; absent for what an earlier version sent. */
  sentHere?: number;
  /** Its place in the outbox, where it goes back to when the centre lost it. */
  n: number;
  /** It was refused, and a manager mended it: what is in the log is another change. */
  mended?: boolean;
}

/** `BaseRecord` with the epoch, or the reading of it, in which it came: what a new epoch does not bring again is no more. */
export type StoredRecord = BaseRecord & { epoch: string };

/** Where a picture stands on its way to the centre. `cached`: another's, fetched to be looked at, and free to go. */
export type PictureState = "draft" | "waiting" | "sent" | "refused" | "cached";

/** A picture on this phone, without its bytes: those stand in `bytes`, so that counting pictures reads none of them. */
export interface StoredPicture {
  sha256: string;
  kind: "preview" | "full";
  mime: string;
  size: number;
  state: PictureState;
  madeAt: number;
  sentAt?: number;
  sentHere?: number;
  /** Where the centre takes its bytes in, once it was announced there. */
  address?: string;
  /** The centre may have it already: it is asked before a byte goes. */
  unsure?: boolean;
  /** Why the centre refused it: a problem's code. */
  refusal?: string;
}

export interface PersonSchema extends DBSchema {
  base: { key: Id; value: StoredRecord; indexes: { area: Id } };
  outbox: { key: number; value: Waiting; indexes: { record: Id } };
  sent: { key: Id; value: SentChange; indexes: { sentAt: number } };
  drafts: { key: string; value: Draft };
  pictures: { key: string; value: StoredPicture; indexes: { state: PictureState } };
  /** An ArrayBuffer is in the transaction; a Blob is a file beside it, which browsers have lost before. */
  bytes: { key: string; value: ArrayBuffer };
  meta: { key: string; value: unknown };
}

export interface Person {
  id: Id;
  username: string;
  name: string;
}

interface DeviceSchema extends DBSchema {
  meta: { key: string; value: unknown };
  people: { key: Id; value: Person };
}

export type PersonDatabase = IDBPDatabase<PersonSchema>;
export type DeviceDatabase = IDBPDatabase<DeviceSchema>;

/** Raised by one for each released shape; every version is kept as a fixture that today's app must open. */
export const PERSON_VERSION = 2;

/** What a connection is told by the browser. */
export interface Told {
  /** Another tab needs a newer shape: the connection closes once this has settled. */
  giveWay?: () => Promise<void>;
  /** The browser closed the connection by itself: what it held may be gone. */
  cut?: () => void;
  /** Another tab holds on to an older shape: opening waits until it is closed. */
  held?: () => void;
}

/** Raised in place of making a person's database anew where there should be one: the browser threw it away. */
export class Vanished extends Error {}

/** Open the database of somebody who has signed in here before. Raises `Vanished` where there is none (any more). */
export async function openPerson(user: Id, told: Told = {}): Promise<PersonDatabase> {
  let missing = false;
  try {
    return await openAs(user, told, () => (missing = true));
  } catch (error) {
    throw missing ? new Vanished(user) : error;
  }
}

/** Open the database of somebody who has just signed in, made now where this is the first time. */
export function beginPerson(user: Id): Promise<PersonDatabase> {
  return openAs(user, {}, null);
}

function openAs(user: Id, told: Told, onMissing: (() => void) | null): Promise<PersonDatabase> {
  return openDB<PersonSchema>(`nuong-${user}`, PERSON_VERSION, {
    upgrade(database, from, _to, work) {
      if (from < 1 && onMissing) {
        // What vanished is not silently begun anew: the browser takes the empty one back when this is undone.
        onMissing();
        work.done.catch(() => undefined);
        work.abort();
        return;
      }
      if (from < 1) {
        database.createObjectStore("base", { keyPath: "id" }).createIndex("area", "area");
        database
          .createObjectStore("outbox", { keyPath: "n", autoIncrement: true })
          .createIndex("record", "change.record");
        database.createObjectStore("sent", { keyPath: "id" }).createIndex("sentAt", "sentAt");
        database.createObjectStore("drafts", { keyPath: "key" });
        database.createObjectStore("meta");
      }
      if (from < 2) {
        database.createObjectStore("pictures", { keyPath: "sha256" }).createIndex("state", "state");
        database.createObjectStore("bytes");
      }
    },
    blocked: () => told.held?.(),
    // A newer tab wants to upgrade: let it, as soon as what is typed here is on disk.
    blocking(_current, _next, event) {
      const database = event.target as IDBDatabase;
      void Promise.resolve(told.giveWay?.()).finally(() => database.close());
    },
    terminated: () => told.cut?.(),
  });
}

/** Whose databases are on this phone; null: this browser does not say. */
export async function peopleOnDisk(): Promise<Id[] | null> {
  if (!indexedDB.databases) return null;
  const names = (await indexedDB.databases()).map((each) => each.name ?? "");
  return names.filter((name) => PERSONS.test(name)).map((name) => name.slice("nuong-".length));
}

const PERSONS = /^nuong-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** *closed* is told when the browser, or a newer app, took the connection away. */
export function openDevice(closed: () => void): Promise<DeviceDatabase> {
  return openDB<DeviceSchema>("nuong-device", 1, {
    upgrade(database) {
      database.createObjectStore("meta");
      database.createObjectStore("people", { keyPath: "id" });
    },
    blocking(_current, _next, event) {
      (event.target as IDBDatabase).close();
      closed();
    },
    terminated: closed,
  });
}

/** What every save waits for: the disk, not only the memory of the browser. */
export const DURABLE = { durability: "strict" } as const;

/** Do *write* in a transaction: all of it is on disk when this resolves, or nothing is. An error of the program does not end a
 * transaction by itself, and what was put before it would come to the disk without the rest. */
export async function wholly<Work extends { abort(): void; readonly done: Promise<void> }, Result>(
  work: Work,
  write: (work: Work) => Promise<Result>,
): Promise<Result> {
  try {
    const result = await write(work);
    await work.done;
    return result;
  } catch (error) {
    try {
      work.abort();
    } catch {
      // it ended already
    }
    await work.done.catch(() => undefined);
    throw error;
  }
}
