// Farmers and plots, found by what somebody types, by where they stand, and by what is missing. Each record is entered by
// itself as it comes in or changes. Must never wait for all of them where one changed.
import type { Shelf } from "../store/shelf";
import type { Id, Json, Shown } from "../store/types";
import { distance, middle, type Place } from "./near";
import { digitsOf, typedWords, Vocabulary, wordsOf } from "./vocabulary";

export interface Row {
  id: Id;
  type: string;
  name: string;
  words: string[];
  crops: string[];
  /** Whose plot it is. */
  owner: Id | undefined;
  place: Place | null;
}

/** What may be missing: of a plot, of a farmer. */
export const MISSING = { plot: ["boundary", "crop", "harvest", "visit"], farmer: ["phone", "plot", "consent"] } as const;
export type Missing = (typeof MISSING)[keyof typeof MISSING][number];

export type Order = "name" | "recent" | "near";

export interface Wish {
  text: string;
  type?: string | undefined;
  crop?: string | undefined;
  missing?: Missing | undefined;
  order: Order;
}

/** What is around an order: where somebody stands, where they were last, since when a harvest counts. */
export interface Around {
  here: Place | null;
  recent: Id[];
  since: string;
}

export interface Hit {
  row: Row;
  /** Metres from here. */
  away?: number;
  /** Found by a slip alone: it is not what was typed, but for one letter it would be. */
  isSimilar?: boolean;
}

/** How well rows fit what was typed; null: nothing was, and all do. */
interface Fitting {
  fit: Map<Row, number> | null;
  isExact(row: Row): boolean;
}

const ANY: Fitting = { fit: null, isExact: () => true };
const ENOUGH = 12; // hits with which nobody misses those with a slip

export class Finder {
  private rows = new Map<Id, Row>();
  /** All rows in the order of the alphabet. */
  private ordered: Row[] = [];
  private vocabulary = new Vocabulary<Row>();
  private changed = new Set<Id>();

  constructor(
    private readonly shelf: Shelf,
    /** How the alphabet goes in the reader's language. */
    private readonly compare: (one: string, other: string) => number,
  ) {
    for (const id of shelf.ids()) this.changed.add(id);
    shelf.onChange.add(this.note);
  }

  close(): void {
    this.shelf.onChange.delete(this.note);
  }

  private note = (id: Id): void => void this.changed.add(id);

  /** Enter some of what changed; true when that was all. */
  takeIn(most: number): boolean {
    for (const id of this.changed) {
      if (most-- === 0) return false;
      this.changed.delete(id);
      this.enter(id);
    }
    return true;
  }

  get size(): number {
    return this.rows.size;
  }

  /** The crops that grow on any plot, the commonest first. */
  crops(): string[] {
    const times = new Map<string, number>();
    for (const { crops } of this.rows.values()) for (const crop of crops) times.set(crop, (times.get(crop) ?? 0) + 1);
    return [...times.keys()].sort((one, other) => times.get(other)! - times.get(one)!);
  }

  find(wish: Wish, around: Around): Hit[] {
    this.takeIn(Infinity);
    const typed = typedWords(wish.text);
    const { fit, isExact } = typed.length ? this.fitting(typed) : ANY;
    const filter = this.filter(wish, around);
    const rows = this.ordered.filter((row) => (!fit || fit.has(row)) && filter(row));
    const marked = (hit: Hit): Hit => (isExact(hit.row) ? hit : { ...hit, isSimilar: true });
    if (wish.order === "near" && around.here) return this.byDistance(rows, around.here).map(marked);
    if (wish.order === "recent" && !fit) return byRecent(rows, around.recent);
    // A stable sort: those that fit as well stay in the order of the alphabet.
    if (fit) rows.sort((one, other) => fit.get(one)! - fit.get(other)!);
    return rows.map((row) => marked({ row }));
  }

  private fitting(typed: string[]): Fitting {
    const found = this.vocabulary.find(typed, false);
    if (found.size >= ENOUGH) return { fit: found, isExact: () => true };
    const slipped = this.vocabulary.find(typed, true);
    for (const [row, fit] of found) slipped.set(row, fit);
    return { fit: slipped, isExact: (row) => found.has(row) };
  }

  private filter({ type, crop, missing }: Wish, { since }: Around): (row: Row) => boolean {
    const lacks = missing && this.lacking(missing, since);
    return (row) => (!type || row.type === type) && (!crop || row.crops.includes(crop)) && (!lacks || lacks(row));
  }

  private lacking(missing: Missing, since: string): (row: Row) => boolean {
    const field = (row: Row, name: string): Json | undefined => this.shelf.get(row.id)?.fields[name];
    const has = (row: Row, fits: (each: Shown) => boolean) => this.shelf.referring(row.id).some(fits);
    const lacks: Record<Missing, (row: Row) => boolean> = {
      boundary: (row) => row.type === "plot" && !field(row, "boundary"),
      crop: (row) => row.type === "plot" && !row.crops.length,
      harvest: (row) => row.type === "plot" && !has(row, ({ type, fields }) => type === "harvest" && String(fields["date"]) >= since),
      visit: (row) => row.type === "plot" && !has(row, ({ type }) => type === "harvest" || type === "observation" || type === "activity"),
      phone: (row) => row.type === "farmer" && !field(row, "phone"),
      plot: (row) => row.type === "farmer" && !has(row, ({ type }) => type === "plot"),
      consent: (row) => row.type === "farmer" && field(row, "consent") !== true,
    };
    return lacks[missing];
  }

  /** Nearest first; a household is as near as its nearest plot. What has no place is not near anything. */
  private byDistance(rows: Row[], here: Place): Hit[] {
    const nearest = new Map<Id, number>();
    for (const { id, place, owner } of this.rows.values()) {
      if (!place) continue;
      const away = distance(here, place);
      nearest.set(id, away);
      if (owner && !(nearest.get(owner)! <= away)) nearest.set(owner, away);
    }
    return rows
      .filter((row) => nearest.has(row.id))
      .map((row) => ({ row, away: nearest.get(row.id)! }))
      .sort((one, other) => one.away - other.away);
  }

  private enter(id: Id): void {
    const before = this.rows.get(id);
    if (before) this.takeOut(before);
    const record = this.shelf.get(id);
    if (!record || record.deleted || (record.type !== "farmer" && record.type !== "plot")) return;
    // Whoever was joined into another is found by that one.
    if (this.shelf.meant(id) !== record) return;
    const row = this.rowOf(record);
    // A plot is found by its owner's name too.
    if (row.type === "farmer" && row.name !== before?.name)
      for (const plot of this.shelf.referring(id, "plot")) this.changed.add(plot.id);
    this.rows.set(id, row);
    this.vocabulary.add(row.words, row);
    this.ordered.splice(this.placeOf(row), 0, row);
  }

  private takeOut(row: Row): void {
    this.rows.delete(row.id);
    this.vocabulary.remove(row.words, row);
    this.ordered.splice(this.placeOf(row), 1);
  }

  /** Where *row* stands in the alphabet, or would. */
  private placeOf(row: Row): number {
    let [from, to] = [0, this.ordered.length];
    while (from < to) {
      const half = (from + to) >> 1;
      const there = this.ordered[half]!;
      const order = this.compare(there.name, row.name) || (there.id < row.id ? -1 : Number(there.id > row.id));
      if (order < 0) from = half + 1;
      else to = half;
    }
    return from;
  }

  private rowOf({ id, type, fields }: Shown): Row {
    const owner = type === "plot" ? this.shelf.meant(fields["farmer"]) : undefined;
    const told = [fields["name"], fields["village"], fields["puc"], fields["certificate"], fields["id_number"], owner?.fields["name"]];
    const phone = fields["phone"] ? [digitsOf(String(fields["phone"]))] : [];
    // A code is one word as well, however it is written: “VN-SLA 0123” is typed as “vnsla0123” too.
    const codes = [fields["puc"], fields["certificate"], fields["id_number"]].map((each) => wordsOf(String(each ?? "")).join("")).filter(Boolean);
    const crops = (fields["crops"] ?? []) as { crop?: string }[];
    return {
      id,
      type,
      name: String(fields["name"] ?? ""),
      words: [...new Set([...wordsOf(told.filter(Boolean).join(" ")), ...phone, ...codes])],
      crops: Array.isArray(crops) ? crops.flatMap((each) => (each?.crop ? [each.crop] : [])) : [],
      owner: owner?.id,
      place: type === "plot" ? middle(fields["boundary"]) : null,
    };
  }
}

function byRecent(rows: Row[], recent: Id[]): Hit[] {
  const order = new Map(recent.map((id, place) => [id, place]));
  const last = recent.length;
  return rows
    .map((row) => ({ row }))
    .sort((one, other) => (order.get(one.row.id) ?? last) - (order.get(other.row.id) ?? last));
}
