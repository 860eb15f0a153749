// The disk of a phone that is simulated: what a transaction wrote is in a file before anybody is told that it is
// complete, so that a process killed with -9 comes back with just what it had been promised.
// fake-indexeddb keeps everything in memory; only that is mended here, the transactions themselves are its own.
import "fake-indexeddb/auto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { disk } from "./clockwork";

interface RawStore {
  records: { values(): Iterable<{ key: IDBValidKey; value: unknown }> };
  keyGenerator: { num: number } | null;
  keyPath: string | string[] | null;
  autoIncrement: boolean;
  rawIndexes: Map<string, { keyPath: string | string[]; multiEntry: boolean; unique: boolean }>;
}
type RawDatabase = IDBDatabase & { _rawDatabase: { rawObjectStores: Map<string, RawStore> } };

interface StoreOnDisk {
  name: string;
  keyPath: string | string[] | null;
  autoIncrement: boolean;
  /** The last number that was given: a number is not given twice, though its row may be gone. */
  last: number;
  indexes: [string, { keyPath: string | string[]; multiEntry: boolean; unique: boolean }][];
  rows: [IDBValidKey, unknown][];
}
type OnDisk = Record<string, { version: number; stores: StoreOnDisk[] }>;

let files: OnDisk = existsSync(disk) ? (deserialize(readFileSync(disk)) as OnDisk) : {};

/** Called at each commit of a transaction that wrote, before and after it is on disk. */
export const onCommit = { before: () => {}, after: () => {} };

function stores(database: RawDatabase): StoreOnDisk[] {
  return [...database._rawDatabase.rawObjectStores].map(([name, raw]) => ({
    name,
    keyPath: raw.keyPath,
    autoIncrement: raw.autoIncrement,
    last: raw.keyGenerator?.num ?? 0,
    indexes: [...raw.rawIndexes].map(([index, { keyPath, multiEntry, unique }]) => [
      index,
      { keyPath, multiEntry, unique },
    ]),
    rows: [...raw.records.values()].map(({ key, value }) => [key, value]),
  }));
}

function write(database: RawDatabase): void {
  files = { ...files, [database.name]: { version: database.version, stores: stores(database) } };
  writeFileSync(`${disk}.new`, serialize(files));
  renameSync(`${disk}.new`, disk);
}

const tell = IDBTransaction.prototype.dispatchEvent;
let reading = false;
IDBTransaction.prototype.dispatchEvent = function (event: Event): boolean {
  if (event.type === "complete" && this.mode !== "readonly" && !reading) {
    onCommit.before();
    write(this.db as RawDatabase);
    onCommit.after();
  }
  return tell.call(this, event);
};

/** Put everything back as it stood on disk; before anything of the app is opened. */
export async function readDisk(): Promise<void> {
  reading = true;
  for (const [name, file] of Object.entries(files)) {
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open(name, file.version);
      opening.onerror = () => reject(new Error(`${name}: ${String(opening.error)}`));
      opening.onupgradeneeded = () => fill(opening.result, file.stores);
      opening.onsuccess = () => {
        const raw = (opening.result as RawDatabase)._rawDatabase.rawObjectStores;
        for (const { name: store, last } of file.stores) {
          const generator = raw.get(store)?.keyGenerator;
          if (generator) generator.num = last;
        }
        opening.result.close();
        resolve();
      };
    });
  }
  reading = false;
}

function fill(database: IDBDatabase, found: StoreOnDisk[]): void {
  for (const { name, keyPath, autoIncrement, indexes, rows } of found) {
    const store = database.createObjectStore(name, { keyPath, autoIncrement });
    for (const [index, { keyPath: path, multiEntry, unique }] of indexes)
      store.createIndex(index, path, { multiEntry, unique });
    for (const [key, value] of rows) store.put(value, keyPath === null ? key : undefined);
  }
}
