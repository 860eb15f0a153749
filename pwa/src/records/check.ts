// What several fields say together: warnings, never refusals. The twin of `check_state` in sync/records.
import { TYPES } from "./declarations";
import { crossings, open, type Position } from "../map/geometry";
import type { Fault } from "./validate";
import type { Fields, Json } from "../store/types";

const empty = (value: Json | undefined) =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);

/** What a person should look at. *today*: YYYY-MM-DD. */
export function checkState(type: string, fields: Fields, today: string): Fault[] {
  const declared = TYPES[type];
  if (!declared) return [];
  const found: Fault[] = Object.entries(declared.fields)
    .filter(([name, field]) => field.required && empty(fields[name]))
    .map(([name]) => ({ path: name, code: "missing", params: {} }));
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
  }
  return found;
}

function ringsOf(geometry: Json): Position[][] {
  const shape = geometry as { type?: string; coordinates?: Position[][] } | null;
  return shape?.type === "Polygon" ? (shape.coordinates ?? []).map(open) : [];
}
