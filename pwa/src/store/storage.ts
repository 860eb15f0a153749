// Where the phone keeps things, how safe they are there, and whether they are still there.

export interface Storage {
  /** Did the browser promise to keep our data when space runs low? null: it can't say. */
  persistent: boolean | null;
  usedBytes: number | null;
  freeBytes: number | null;
}

/** Ask the browser to keep our data; it may say no, and the sync page says so. */
export async function askToKeep(): Promise<boolean | null> {
  if (!navigator.storage?.persist) return null;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}

export async function storageState(): Promise<Storage> {
  if (!navigator.storage?.estimate) return { persistent: null, usedBytes: null, freeBytes: null };
  const { usage, quota } = await navigator.storage.estimate();
  return {
    persistent: (await navigator.storage.persisted?.()) ?? null,
    usedBytes: usage ?? null,
    freeBytes: usage !== undefined && quota !== undefined ? quota - usage : null,
  };
}

// A mark outside the database: when it is there and the database is empty, the browser threw our data away.
const MARK = "nuong-had-data";

export const gone = {
  remember(user: string): void {
    try {
      localStorage.setItem(MARK, user);
    } catch {
      // No local storage: then a loss can't be noticed, but nothing else depends on it.
    }
  },
  /** Whether somebody's data was here and is not any more. */
  noticed(current: string | undefined): boolean {
    try {
      return !current && localStorage.getItem(MARK) !== null;
    } catch {
      return false;
    }
  },
  forget(): void {
    try {
      localStorage.removeItem(MARK);
    } catch {
      // as above
    }
  },
};
