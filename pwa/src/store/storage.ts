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

export async function storageState(): Promise<Storage> {
  if (!navigator.storage?.estimate) return { persistent: null, usedBytes: null, freeBytes: null };
  const { usage, quota } = await navigator.storage.estimate();
  return {
    persistent: (await navigator.storage.persisted?.()) ?? null,
    usedBytes: usage ?? null,
    freeBytes: usage !== undefined && quota !== undefined ? quota - usage : null,
  };
}

export function isLow(storage: Storage): boolean {
  return storage.freeBytes !== null && storage.freeBytes < LOW_BYTES;
}
