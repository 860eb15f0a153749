// The lists as this installation has them: the built-in entries, and over them what the centre told of its own.
// Must never lose an entry: one that is hidden or retired is read as before, and only no form offers it any more.
// The twin of sync/records/lists/own.py; both are held to tests/sync/checks.json.
import { signal } from "@preact/signals";
import type { Fields, Json } from "../store/types";
import { LISTS, type Entry } from "./declarations";

/** List to code to entry, as the phone keeps them. */
export type Held = Record<string, Record<string, Entry>>;

const own = signal<Held>({});
let known = "";
let merged = new Map<string, Map<string, Entry>>();
let products: Map<string, Entry> | undefined;

/** Take in what the book holds. *mark*: whose and how far read, by which the same is known again. */
export function learnLists(mark: string, held: Held | undefined): void {
  known = mark;
  merged = new Map();
  products = undefined;
  own.value = held ?? {};
}

export const listsKnown = (mark: string) => known === mark;

function listed(list: string): Map<string, Entry> {
  // Whoever shows a name is drawn again when the list says another.
  const over = own.value[list];
  let found = merged.get(list);
  if (!found) {
    found = new Map((LISTS[list] ?? []).map((each) => [each.code, each]));
    for (const entry of Object.values(over ?? {})) found.set(entry.code, { ...found.get(entry.code), ...entry, ...stated(entry) });
    merged.set(list, found);
  }
  return found;
}

const stated = (entry: Entry) => (entry.phi_days != null || entry.phi_by_crop?.length ? { stated: true } : {});

/** Every entry, those too that no form offers. */
export const entriesOf = (list: string): Entry[] => [...listed(list).values()];

/** What a form of this installation offers. */
export const offered = (list: string): Entry[] => entriesOf(list).filter((each) => !each.hidden);

export const entryOf = (list: string, code: string): Entry | undefined => listed(list).get(code);

/** The product of this name: the diary holds names, not codes. */
export function productOf(name: string): Entry | undefined {
  const list = listed("product");
  if (!products) {
    products = new Map();
    for (const each of list.values()) for (const one of [each.vi, each.en]) if (!products.has(one)) products.set(one, each);
  }
  return products.get(name);
}

/** The pre-harvest interval of a product in days: the longest of *crops*, or of all where none is named. */
export function intervalOf(product: Entry, crops: string[]): number | null {
  const byCrop = new Map((product.phi_by_crop ?? []).map((each) => [each.crop, each.days]));
  const days = crops.length ? crops.map((crop) => byCrop.get(crop) ?? product.phi_days) : [product.phi_days, ...byCrop.values()];
  const said = days.filter((each) => typeof each === "number");
  return said.length ? Math.max(...said) : null;
}

/**
 * What keeps a sprayed plot from being picked: the days that the entry says, else those that this installation has stated
 * for its product. What is only customary is a start for the form and binds nobody.
 */
export function statedInterval(fields: Fields, crops: string[]): number | null {
  const { phi_days: days, kind, product } = fields;
  if (typeof days === "number") return days;
  const entry = kind === "spray" && typeof product === "string" ? productOf(product) : undefined;
  return entry?.stated ? intervalOf(entry, crops) : null;
}

/** The crops that grow on a plot. */
export function cropsOn(plot: { fields: Fields } | undefined): string[] {
  const crops: Json = plot?.fields["crops"] ?? [];
  return Array.isArray(crops) ? crops.flatMap((each) => ((each as { crop?: string } | null)?.crop ? [(each as { crop: string }).crop] : [])) : [];
}
