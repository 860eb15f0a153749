// How a book is read when it is opened: first what home shows, then the rest in slices between which a thumb gets through.
import type { PersonDatabase, StoredRecord } from "./database";
import type { Shelf } from "./shelf";
import type { Id } from "./types";

/** What home showed last. It says which records to read first, and is never the truth of any. */
export interface Glance {
  records: Id[];
  atCentre: number;
}

/** Records in one slice: on a slow phone some thirty milliseconds. */
const SLICE = 250;

export function glanceOf(shelf: Shelf, records: Id[]): Glance {
  return { records, atCentre: shelf.atCentre };
}

/**
 * All of the base, slice by slice. Each is a transaction of its own, so that a save need not wait for the last one: what
 * is written meanwhile is read again by whoever is told of it, after the slice that it was in.
 */
export async function* inSlices(database: PersonDatabase): AsyncGenerator<StoredRecord[]> {
  let range: IDBKeyRange | null = null;
  for (;;) {
    const slice: StoredRecord[] = await database.getAll("base", range, SLICE);
    if (slice.length) yield slice;
    if (slice.length < SLICE) return;
    range = IDBKeyRange.lowerBound(slice[slice.length - 1]!.id, true);
  }
}

const RUN = 50;

/**
 * These records, slice by slice: the ids of each, and what stands under them. Ids are times: those of one page lie close
 * together, and one question brings a run of them. Where too many others lie between, each is asked for by itself.
 */
export async function* byRuns(database: PersonDatabase, ids: Id[]): AsyncGenerator<[Id[], Map<Id, StoredRecord>]> {
  const sorted = [...ids].sort();
  for (let at = 0; at < sorted.length; at += RUN) {
    const run = sorted.slice(at, at + RUN);
    let found = await database.getAll("base", IDBKeyRange.bound(run[0]!, run[run.length - 1]!), SLICE);
    if (found.length === SLICE) found = await each(database, run);
    yield [run, new Map(found.map((record) => [record.id, record]))];
  }
}

async function each(database: PersonDatabase, ids: Id[]): Promise<StoredRecord[]> {
  const { store } = database.transaction("base");
  const found = await Promise.all(ids.map((id) => store.get(id)));
  return found.filter((record) => record !== undefined);
}
