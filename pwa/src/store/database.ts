// The databases on the phone: one for the device, one per person. Upgrades only ever add.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { BaseRecord, Change, Draft, Id, Waiting } from "./types";

export interface SentChange {
  id: Id;
  change: Change;
  sentAt: number;
  /** Its place in the outbox, where it goes back to when the centre lost it. */
  n: number;
}

/** `BaseRecord` with the epoch in which it was read: what a new epoch does not bring again is no more. */
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

export function openPerson(user: Id): Promise<PersonDatabase> {
  return openDB<PersonSchema>(`nuong-${user}`, PERSON_VERSION, {
    upgrade(database, from) {
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
    // A newer tab wants to upgrade: let it, at once; this one reads from memory and is reloaded by its owner.
    blocking(_current, _next, event) {
      (event.target as IDBDatabase).close();
    },
  });
}

export function openDevice(): Promise<DeviceDatabase> {
  return openDB<DeviceSchema>("nuong-device", 1, {
    upgrade(database) {
      database.createObjectStore("meta");
      database.createObjectStore("people", { keyPath: "id" });
    },
  });
}

/** What every save waits for: the disk, not only the memory of the browser. */
export const DURABLE = { durability: "strict" } as const;
