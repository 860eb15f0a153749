// The phone's database as a version of the app left it: its shape and its rows, as JSON, and how to make it again.
// Runs in Node and, bundled, in a browser's page. Must never use the app's own code: that is what it is held against.

export interface Released {
  version: number;
  stores: Record<string, ReleasedStore>;
}

interface ReleasedStore {
  keyPath: string | null;
  autoIncrement: boolean;
  indexes: Record<string, string>;
  /** Key and value; a picture's bytes stand as `{"$bytes": <base64>}`. */
  rows: [unknown, unknown][];
}

/** Make the database *name* as *released* has it. */
export async function recreate(name: string, released: Released): Promise<void> {
  const database = await done(indexedDB.open(name, released.version), (opening) => {
    for (const [store, shape] of Object.entries(released.stores)) {
      const made = opening.createObjectStore(store, { keyPath: shape.keyPath, autoIncrement: shape.autoIncrement });
      for (const [index, path] of Object.entries(shape.indexes)) made.createIndex(index, path);
    }
  });
  for (const [store, { keyPath, rows }] of Object.entries(released.stores)) {
    const work = database.transaction(store, "readwrite");
    for (const [key, value] of rows) {
      if (keyPath === null) work.objectStore(store).put(thawed(value), key as IDBValidKey);
      else work.objectStore(store).put(thawed(value));
    }
    await new Promise((resolve, reject) => ((work.oncomplete = resolve), (work.onerror = reject)));
  }
  database.close();
}

/** The database *name* as it stands; *rows* false: its shape alone. */
export async function read(name: string, rows = true): Promise<Released> {
  const database = await done(indexedDB.open(name));
  const found: Released = { version: database.version, stores: {} };
  for (const name of database.objectStoreNames) {
    const store = database.transaction(name).objectStore(name);
    const indexes = Object.fromEntries([...store.indexNames].map((each) => [each, String(store.index(each).keyPath)]));
    const [keys, values] = rows ? await Promise.all([done(store.getAllKeys()), done(store.getAll())]) : [[], []];
    found.stores[name] = {
      keyPath: store.keyPath as string | null,
      autoIncrement: store.autoIncrement,
      indexes,
      rows: keys.map((key, place) => [key, frozen(values[place])]),
    };
  }
  database.close();
  return found;
}

function done<T>(asked: IDBRequest<T>, upgrade?: (found: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    if (upgrade && "onupgradeneeded" in asked) asked.onupgradeneeded = () => upgrade(asked.result);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error as Error);
  });
}

function frozen(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return { $bytes: btoa(String.fromCharCode(...new Uint8Array(value))) };
  if (Array.isArray(value)) return value.map(frozen);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, frozen(each)]));
  return value;
}

function thawed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(thawed);
  if (!value || typeof value !== "object") return value;
  if ("$bytes" in value) return Uint8Array.from(atob(String(value.$bytes)), (each) => each.charCodeAt(0)).buffer;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, thawed(each)]));
}
