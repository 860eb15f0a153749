// Whether one picking is more than a plot bears in a whole season. Never a reason to refuse.
import limits from "../../generated/limits.json";
import { measuredHa } from "./check";
import { kilograms } from "./weight";
import type { Fields } from "../store/types";

/** Our own guesses of sync/limits.py; what an installation puts in their place is known to its console alone. */
const { most_t_ha: MOST, most_other: OTHER } = limits as { most_t_ha: Record<string, number>; most_other: number };

/** Tonnes a hectare of *harvest* on *plot*, and the most that anybody would believe; null where it is less, or nobody can tell. */
export function beyondBelief(harvest: Fields, plot: Fields): { tonnes: number; most: number } | null {
  const weight = kilograms({ fields: harvest });
  const declared = plot["declared_area_ha"];
  const size = measuredHa(plot["boundary"]) || (typeof declared === "number" ? declared : 0);
  if (weight === null || size <= 0) return null;
  const tonnes = weight / 1000 / size;
  const most = MOST[String(harvest["crop"])] ?? OTHER;
  return tonnes > most ? { tonnes, most } : null;
}
