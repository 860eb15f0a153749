// What comes first in a list: what fits this plot and crop, then what this person, and then the area, records most.
// Must never leave an entry out: only their order is decided here.
import { book } from "../app";
import { TYPES, type Entry, type Field } from "../records/declarations";
import { cropsOn, entryOf } from "../records/lists";
import type { Fields, Json, Shown } from "../store/types";

type Uses = Record<string, Record<string, number>>;

const OWN = 3; // one use of one's own counts as much as three of the area's
const KEPT = "used";
const OFFERED = 3; // of what was typed lately

let own: Uses = {};
/** Whose uses they are: several people may sign in on one phone. */
let whose = "";

/** Read how often this person has chosen what; before a form opens, so that nothing moves in it. */
export async function recallUse(): Promise<void> {
  const { user, database } = book();
  own = ((await database.get("meta", KEPT)) as Uses | undefined) ?? {};
  whose = user;
}

/** Count what a saved entry chose. Never in the way of saving: a full disk loses a count, nothing else. */
export async function noteUse(type: string, set: Fields): Promise<void> {
  const chosen = Object.entries(TYPES[type]?.fields ?? {}).filter(([name, field]) => field.pictures && typeof set[name] === "string");
  if (!chosen.length) return;
  if (whose !== book().user) await recallUse();
  for (const [name, field] of chosen) {
    const list = (own[field.list!] ??= {});
    const code = set[name] as string;
    list[code] = (list[code] ?? 0) + 1;
  }
  await book().database.put("meta", own, KEPT).catch(() => undefined);
}

/** The entries of *all*, the likeliest first. *typed*: what else stands in the form. */
export function likeliest(list: string, all: Entry[], typed: Record<string, Json>): Entry[] {
  const fits = fitting(list, typed);
  const uses = usesIn(list);
  const rank = new Map(all.map((each) => [each, (fits(each) ? 1e6 : 0) + OWN * (own[list]?.[each.code] ?? 0) + (uses[each.code] ?? 0)]));
  return [...all].sort((one, other) => rank.get(other)! - rank.get(one)!);
}

/** Whether an entry goes with the crop, or the plot, that the form is about. */
export function fitting(list: string, typed: Record<string, Json>): (entry: Entry) => boolean {
  const crop = typed["crop"];
  if (list === "pest" && typeof crop === "string") return (each) => !!each.hosts?.includes(crop);
  if (list === "crop") {
    const crops = cropsOn(book().meant(typed["plot"]));
    return (each) => crops.includes(each.code);
  }
  if (list === "product") {
    const crops = cropsOn(book().meant(typed["plot"]));
    return (each) => !!each.phi_by_crop?.some((one) => crops.includes(one.crop));
  }
  if (list === "stage") {
    const habit = habitOf(crop);
    return (each) => !habit || !!each.habits?.includes(habit);
  }
  return () => false;
}

/** How the crop of a form grows: by which pictures its stages are told. */
export function habitOf(crop: Json | undefined): string | undefined {
  return typeof crop === "string" ? entryOf("crop", crop)?.habit : undefined;
}

let counted: { revision: number; uses: Uses } = { revision: -1, uses: {} };

/** How often each code of a list stands in what this phone holds; counted once for what it holds now. */
function usesIn(list: string): Record<string, number> {
  const revision = book().revision.peek();
  if (counted.revision !== revision) counted = { revision, uses: {} };
  return (counted.uses[list] ??= countIn(list));
}

function countIn(list: string): Record<string, number> {
  const uses: Record<string, number> = {};
  const count = (code: Json | undefined) => {
    if (typeof code === "string") uses[code] = (uses[code] ?? 0) + 1;
  };
  for (const [type, { fields }] of Object.entries(TYPES))
    for (const [name, field] of Object.entries(fields)) {
      if (field.list === list) for (const each of book().all(type)) count(each.fields[name]);
      const inner = Object.entries(field.fields ?? {}).find(([, one]) => one.list === list)?.[0];
      if (inner && field.kind === "items") for (const each of book().all(type)) for (const row of rows(each, name)) count(row[inner]);
    }
  return uses;
}

const rows = (record: Shown, name: string) => (record.fields[name] ?? []) as Record<string, Json>[];

/** What was typed into a field lately, by whoever records here, newest first. */
export function lately(type: string, name: string, field: Field, typed: Record<string, Json>): string[] {
  /** Each text that was typed, and when last. */
  const found = new Map<string, number>();
  const same = (each: Shown) => !field.shown_when || Object.keys(field.shown_when).every((other) => each.fields[other] === typed[other]);
  // A dose belongs to its product.
  const goes = (each: Shown) => same(each) && (name !== "dose" || each.fields["product"] === typed["product"]);
  for (const each of book().all(type)) {
    const value = each.fields[name];
    if (typeof value === "string" && value && goes(each)) found.set(value, Math.max(found.get(value) ?? 0, each.touchedAt));
  }
  return [...found].sort((one, other) => other[1] - one[1]).slice(0, OFFERED).map(([value]) => value);
}
