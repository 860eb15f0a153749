// What a harvest weighs. The twin of `kilograms` in sync/records/harvest.py.
import type { Fields } from "../store/types";
import { entryOf } from "./lists";

/** In kg, a sack by its own weight where the entry says it; null where nobody can tell. */
export function kilograms({ fields }: { fields: Fields }): number | null {
  const { quantity, unit_kg: own } = fields;
  const unit = entryOf("unit", String(fields["unit"] || "kg"));
  if (typeof quantity !== "number" || unit?.kg === undefined) return null;
  return quantity * (unit["local_kg"] !== undefined && typeof own === "number" ? own : unit.kg);
}
