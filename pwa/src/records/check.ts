// What several fields, or several records, say together: warnings, never refusals.
// The twin of `check_state` in sync/records and of sync/checks.py; both are held to tests/sync/checks.json.
import { isShown, TYPES } from "./declarations";
import { statedInterval } from "./lists";
import { kilograms } from "./weight";
import { crossings, open, roughlyHa, type Position } from "../map/ring";
import { isDay, type Fault } from "./validate";
import type { Fields, Json } from "../store/types";

/** A record as it is judged: of a form that stands open, what is typed. */
export interface Judged {
  id: string;
  type: string;
  fields: Fields;
  deleted?: boolean;
}

/** A rule that something breaks; `records`: first the one to look at, then those that it does not go with. */
export interface Finding {
  rule: string;
  records: string[];
  params: Record<string, Json>;
}

const empty = (value: Json | undefined) =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);

/** What a person should look at in one record. *today*: YYYY-MM-DD. */
export function checkState(type: string, fields: Fields, today: string): Fault[] {
  const declared = TYPES[type];
  if (!declared) return [];
  const found = missingOrLeftOver(type, fields);
  for (const { rule, fields: names } of declared.checks) {
    const [first, second] = names as [string, string?];
    const one = fields[first];
    const other = second ? fields[second] : undefined;
    if (one === undefined || one === null) continue;
    if (rule === "not_greater" && typeof one === "number" && typeof other === "number" && one > other)
      found.push({ path: first, code: "not_greater", params: { one: first, other: second! } });
    if (rule === "not_future" && String(one).slice(0, 10) > today)
      found.push({ path: first, code: "not_future", params: {} });
    if (rule === "not_crossing" && ringsOf(one).some((ring) => crossings(ring).length))
      found.push({ path: first, code: "not_crossing", params: {} });
    const off = rule === "area_agrees" ? percentOff(one, other) : 0;
    if (off) found.push({ path: first, code: "area_agrees", params: { percent: off } });
    if (rule === "not_doubtful" && Array.isArray(one) && one.length) found.push({ path: first, code: "not_doubtful", params: {} });
  }
  return found;
}

/** Percent that a declared area may be off the measured one before anybody is asked: papers and paces are no better. */
export const AREA_WITHIN = 20;

/** By how many percent a declared area is off the boundary's; 0 where that is within what eyes and papers are off by. */
function percentOff(declared: Json, boundary: Json | undefined): number {
  const measured = measuredHa(boundary);
  if (!measured || typeof declared !== "number" || declared <= 0) return 0;
  const percent = Math.floor(Math.abs(measured / declared - 1) * 100);
  return percent > AREA_WITHIN ? percent : 0;
}

/** What a boundary encloses, in ha, as far as a check needs it; 0 for a point or none. */
export function measuredHa(boundary: Json | undefined): number {
  const [outer, ...holes] = ringsOf(boundary ?? null).map(roughlyHa);
  return (outer ?? 0) - holes.reduce((sum, each) => sum + each, 0);
}

function missingOrLeftOver(type: string, fields: Fields): Fault[] {
  return Object.entries(TYPES[type]!.fields).flatMap(([name, field]): Fault[] => {
    const there = !empty(fields[name]);
    const shown = isShown(field, fields);
    if (field.required && shown && !there) return [{ path: name, code: "missing", params: {} }];
    const others = Object.keys(field.shown_when ?? {});
    // Over a question that stands open nothing can be said.
    if (!there || shown || others.some((other) => empty(fields[other]))) return [];
    return [{ path: name, code: "not_asked", params: { other: others[0]! } }];
  });
}

function ringsOf(geometry: Json): Position[][] {
  const shape = geometry as { type?: string; coordinates?: Position[][] } | null;
  return shape?.type === "Polygon" ? (shape.coordinates ?? []).map(open) : [];
}

/** All findings over *records*, whose references are resolved. */
export function findings(records: Judged[], today: string): Finding[] {
  const standing = records.filter((each) => !each.deleted);
  const alone = standing.flatMap((each) =>
    checkState(each.type, each.fields, today).map(({ path, code, params }) => ({ rule: code, records: [each.id], params: { ...params, field: path } })),
  );
  const plots = new Set(standing.map((each) => each.fields["plot"]).filter((each) => typeof each === "string"));
  return [...alone, ...[...plots].flatMap((plot) => onPlot(standing.filter((each) => each.fields["plot"] === plot)))];
}

/** What the records of one plot say together. */
export function onPlot(records: Judged[]): Finding[] {
  const dated = records.filter((each) => !each.deleted && dayOf(each));
  const harvests = dated.filter((each) => each.type === "harvest");
  const sprayed = dated.filter((each) => each.type === "activity");
  return [...harvests.flatMap((harvest) => sprayed.flatMap((activity) => notFree(harvest, activity))), ...twice(harvests)];
}

/** The first day on which *crops* (none: any) may be picked after an activity; null where it keeps nobody from picking. */
export function freeFrom(activity: Judged, crops: string[] = []): string | null {
  const days = statedInterval(activity.fields, crops);
  if (days === null || !(days > 0 && days <= 365) || !dayOf(activity)) return null;
  const free = new Date(`${dayOf(activity)}T00:00:00Z`);
  free.setUTCDate(free.getUTCDate() + Math.trunc(days));
  return free.toISOString().slice(0, 10);
}

function notFree(harvest: Judged, activity: Judged): Finding[] {
  const crop = harvest.fields["crop"];
  const free = freeFrom(activity, typeof crop === "string" ? [crop] : []);
  if (!free || dayOf(harvest) < dayOf(activity) || dayOf(harvest) >= free) return [];
  const { product, ingredient, kind, date } = activity.fields;
  const params = { product: String(product || ingredient || ""), kind: kind ?? null, on: date!, free, field: "date" };
  return [{ rule: "not_free", records: [harvest.id, activity.id], params }];
}

function twice(harvests: Judged[]): Finding[] {
  const first = new Map<string, string>();
  return [...harvests]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .flatMap(({ id, fields }) => {
      const weight = kilograms({ fields });
      if (typeof fields["crop"] !== "string" || weight === null) return [];
      const key = JSON.stringify([fields["date"], fields["crop"], weight]);
      const before = first.get(key);
      if (before) return [{ rule: "twice", records: [id, before], params: { field: "quantity" } }];
      first.set(key, id);
      return [];
    });
}

function dayOf({ fields }: Judged): string {
  const day = fields["date"];
  return typeof day === "string" && isDay(day) ? day : "";
}
