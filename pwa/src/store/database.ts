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

export interface PersonSchema extends DBSchema {
  base: { key: Id; value: StoredRecord; indexes: { area: Id } };
  outbox: { key: number; value: Waiting; indexes: { record: Id } };
  sent: { key: Id; value: SentChange; indexes: { sentAt: number } };
  drafts: { key: string; value: Draft };
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
export const PERSON_VERSION = 1;

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
