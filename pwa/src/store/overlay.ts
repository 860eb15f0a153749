// base + outbox = what is shown. Pure: the same input gives the same output.
import canonicalize from "canonicalize";
import type { BaseRecord, Candidate, Change, Fields, Id, Json, Shown, State, Waiting } from "./types";

export function same(one: Json | undefined, other: Json | undefined): boolean {
  return one === other || canonicalize(one ?? null) === canonicalize(other ?? null);
}

/** Time of an edit, ms since 1970, from a UUIDv7. */
export function editedAt(change: Id): number {
  return parseInt(change.slice(0, 8) + change.slice(9, 13), 16);
}

/** An empty base for a record that the centre has not told of. */
export function blank(change: Pick<Change, "record" | "type" | "area">): BaseRecord {
  return {
    id: change.record,
    type: change.type,
    area: change.area,
    seq: 0,
    fields: {},
    heads: {},
    conflicts: {},
    deleted: false,
  };
}

/** Lay one own change over a record; the record given is left as it was. */
export function lay(under: BaseRecord, change: Change): BaseRecord {
  const fields: Fields = { ...under.fields };
  const heads = { ...under.heads };
  const conflicts = { ...under.conflicts };
  let { area, deleted } = under;
  for (const [name, value] of Object.entries(change.set)) {
    heads[name] = [change.id];
    const left = remaining(conflicts[name], change, name);
    if (left.length) conflicts[name] = [...left, { change: change.id, value }];
    else delete conflicts[name];
    if (name === "deleted") deleted = value === true;
    else if (name === "area") area = value as Id;
    else if (value === null) delete fields[name];
    else fields[name] = value;
  }
  return { ...under, area, deleted, fields, heads, conflicts };
}

/** The candidates that an edit leaves standing: those that it did not name, where it names any at all. */
function remaining(rivals: Candidate[] | undefined, change: Change, name: string): Candidate[] {
  if (!rivals) return [];
  const named = new Set(change.over?.[name] ?? []);
  const left = rivals.filter((each) => !named.has(each.change));
  return left.some((each) => !same(each.value, change.set[name])) ? left : [];
}

/** A record as screens show it. */
export function show(base: BaseRecord | undefined, waiting: Waiting[], going: ReadonlySet<Id>): Shown | undefined {
  const first = waiting[0];
  if (!base && !first) return undefined;
  let record = base ?? blank(first!.change);
  let touchedAt = newest(record);
  for (const each of waiting) {
    // A refused change stays with its author, but the record shows what the others have.
    if (each.refused && base) continue;
    record = lay(record, each.fromCopy ? whereNewer(record, each.change) : each.change);
    touchedAt = Math.max(touchedAt, editedAt(each.change.id));
  }
  return { ...record, state: stateOf(record, waiting, going), touchedAt };
}

/** A change without what is older than what stands in its fields: ids are ordered as their times are. */
function whereNewer(record: BaseRecord, change: Change): Change {
  const isNewer = (name: string) => standing(record, name).every((each) => each < change.id);
  return { ...change, set: Object.fromEntries(Object.entries(change.set).filter(([name]) => isNewer(name))) };
}

function newest(record: BaseRecord): number {
  // Ids are ordered as their times are: one is taken apart, not one for each field.
  let found = "";
  for (const name in record.heads) for (const id of record.heads[name]!) if (id > found) found = id;
  return found ? editedAt(found) : 0;
}

function stateOf(record: BaseRecord, waiting: Waiting[], going: ReadonlySet<Id>): State {
  if (Object.keys(record.conflicts).length || waiting.some((each) => each.refused)) return "attention";
  if (!waiting.length) return "there";
  return waiting.some((each) => going.has(each.change.id)) ? "going" : "here";
}

/** The changes whose value of a field stands on this phone: what an edit of it is made over. */
export function standing(record: BaseRecord | undefined, name: string): Id[] {
  if (!record) return [];
  const rivals = record.conflicts[name];
  return rivals ? rivals.map((each) => each.change) : (record.heads[name] ?? []);
}

/** Every change id that the view of a record shows, its conflicts included: what a delete has seen. */
export function viewOf(record: BaseRecord): Id[] {
  const names = new Set([...Object.keys(record.heads), ...Object.keys(record.conflicts)]);
  return [...new Set([...names].flatMap((name) => standing(record, name)))].sort();
}

/** Whether anything in a reviewed record is not what the reviewer saw: an approval never covers that. */
export function changedSinceReview(record: BaseRecord): boolean {
  const review = record.fields["review"] as { seen?: Id[] } | null | undefined;
  if (!review) return false;
  const seen = new Set(review.seen ?? []);
  const names = new Set([...Object.keys(record.heads), ...Object.keys(record.conflicts)]);
  names.delete("review");
  return [...names].some((name) => standing(record, name).some((id) => !seen.has(id)));
}

/** Text in NFC, all the way down. */
export function settled(value: Json): Json {
  if (typeof value === "string") return value.normalize("NFC");
  if (Array.isArray(value)) return value.map(settled);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, settled(each)]));
  return value;
}
