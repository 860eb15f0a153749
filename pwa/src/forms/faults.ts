// Where the faults of a form stand, and in which words: each at the one control that is wrong.
import type { Field } from "../records/declarations";
import type { Fault } from "../records/validate";
import type { Json } from "../store/types";
import { faultSentence } from "../words";
import { notRead, placesOf } from "./typed";

/** Sentences by where they stand: "" is the field itself, "2.plants" one of the third row of its table. */
export type FaultsAt = Record<string, string>;

/** What is wrong with the field *name*, in which *typed* stands. */
export function faultsAt(faults: Fault[], name: string, field: Field, typed: Json | undefined): FaultsAt {
  const found: FaultsAt = {};
  for (const fault of faults) {
    const [first, row, key] = fault.path.split(".") as [string, string?, string?];
    if (first !== name) continue;
    const inner = key === undefined ? undefined : field.fields?.[key];
    const place = inner ? placesOf(field, typed)[Number(row)] : undefined;
    const isInRow = inner && place !== undefined;
    const at = isInRow ? `${place}.${key}` : "";
    const own = isInRow ? notRead(inner, (typed as Record<string, Json>[])[place]?.[key!]) : notRead(field, typed);
    const sentence = (fault.code === "type" && own) || faultSentence(fault.code, fault.params);
    if (!found[at]?.includes(sentence)) found[at] = [found[at], sentence].filter(Boolean).join(" ");
  }
  return found;
}
