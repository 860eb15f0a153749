// Where the phone keeps things, how safe they are there, and how much room is left.

export interface Storage {
  /** Did the browser promise to keep our data when space runs low? null: it can't say. */
  persistent: boolean | null;
  usedBytes: number | null;
  freeBytes: number | null;
}

/** Below this a day's work with its pictures may not fit any more. */
export const LOW_BYTES = 50_000_000;

/** Ask the browser to keep our data; it may say no, and the sync page says so. */
export async function askToKeep(): Promise<boolean | null> {
  if (!navigator.storage?.persist) return null;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}

/** How it stands; where the browser cannot say, that is what is known, and nothing may fail over it. */
export async function storageState(): Promise<Storage> {
  if (!navigator.storage?.estimate) return UNTOLD;
  try {
    const { usage, quota } = await navigator.storage.estimate();
    const found = {
      persistent: (await navigator.storage.persisted?.()) ?? null,
      usedBytes: usage ?? null,
      freeBytes: usage !== undefined && quota !== undefined ? quota - usage : null,
    };
    note(found);
    return found;
  } catch {
    return UNTOLD;
  }
}

/** What the browser said last: home begins with it, so that nothing moves there once it has answered anew. */
export function lastStorage(): Storage {
  try {
    return (JSON.parse(localStorage.getItem(KEPT) ?? "null") as Storage | null) ?? UNTOLD;
  } catch {
    return UNTOLD;
  }
}

function note(found: Storage): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(found));
  } catch {
    // No local storage, as in a worker: home waits for the browser's answer then.
  }
}

const UNTOLD: Storage = { persistent: null, usedBytes: null, freeBytes: null };
const KEPT = "nuong-storage";

export function isLow(storage: Storage): boolean {
  return storage.freeBytes !== null && storage.freeBytes < LOW_BYTES;
}
