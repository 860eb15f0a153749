// Which questions a form asks, and what an answer says of other questions. All of it is declared (sync/records).
// Must never take away what a person typed: a question that is hidden with an answer in it stays in sight.
import { fieldsOf, isShown, referenceFields, TYPES, type Entry, type Field } from "../records/declarations";
import { entryOf, intervalOf, offered, productOf } from "../records/lists";
import type { Draft, Fields, Json } from "../store/types";
import { answerOf } from "./answer";
import { read } from "./typed";

/** What the phone fills in by itself, or its own page does. */
const ELSEWHERE = ["deleted", "area", "same_as", "review", "answer", "accuracy_m", "capture"];

/** The questions of a form, in order: those that stand open, and those behind “more”. */
export function questions(draft: Draft): { main: [string, Field][]; more: [string, Field][] } {
  const { type } = draft;
  const all = Object.entries(fieldsOf(type)).filter(([name, field]) => isAsked(name, field, draft));
  const { identity, open } = TYPES[type]!;
  const main = all.filter(
    ([name, field], place) => !isKnown(name, draft) && (field.required || place < open || identity.includes(name) || isLeftOver(field, draft.typed, name)),
  );
  return { main, more: all.filter((each) => !main.includes(each)) };
}

function isAsked(name: string, field: Field, draft: Draft): boolean {
  if (field.hidden || ELSEWHERE.includes(name) || field.kind === "object") return false;
  if (!isShown(field, draft.typed)) return isLeftOver(field, draft.typed, name);
  // Where a new record belongs was chosen before its form opened; a correction may say that it was elsewhere.
  return !draft.isNew || !isKnown(name, draft);
}

/** Whether a question is to which record this one belongs, and that is known. */
function isKnown(name: string, draft: Draft): boolean {
  return referenceFields(draft.type).includes(name) && !!draft.typed[name];
}

/** Whether something stands in a question that is not asked any more. */
export function isLeftOver(field: Field, typed: Record<string, Json>, name: string): boolean {
  return !isShown(field, typed) && !isEmpty(typed[name]);
}

const isEmpty = (value: Json | undefined) => value === undefined || value === null || value === "";

/**
 * What stands in a form once *name* is answered with *value*: what the chosen entry says of other fields comes along,
 * and goes again with another choice, unless somebody typed something else there. *crops*: those of the plot.
 */
export function answered(type: string, typed: Record<string, Json>, name: string, value: Json, crops: string[] = []): Record<string, Json> {
  const field = fieldsOf(type)[name];
  const found = { ...typed, [name]: value };
  const before = field && chosen(field, typed[name]);
  const now = field && chosen(field, value);
  for (const [target, key] of Object.entries(field?.fills ?? {})) {
    const own = saidBy(before, key, crops);
    if (isEmpty(typed[target]) || (own !== undefined && typed[target] === own)) found[target] = saidBy(now, key, crops) ?? null;
  }
  return found;
}

/** What an entry says of a field; of its interval, the longest that holds for these crops. */
function saidBy(entry: Entry | undefined, key: string, crops: string[]): Json | undefined {
  return key === "phi_days" && entry ? (intervalOf(entry, crops) ?? undefined) : (entry?.[key] as Json | undefined);
}

function chosen(field: Field, value: Json | undefined): Entry | undefined {
  if (typeof value !== "string") return undefined;
  if (field.list) return entryOf(field.list, value);
  return field.suggest === "product" ? productOf(value) : offered(field.suggest ?? "").find((each) => each.vi === value || each.en === value);
}

/** What a draft says, as a record would hold it. */
export function readAll(draft: Draft): Fields {
  const fields = fieldsOf(draft.type);
  return Object.fromEntries(
    Object.entries(draft.typed)
      .map(([name, value]) => [name, name === "answer" ? (answerOf(draft) ?? value) : fields[name] ? read(fields[name], value) : value] as const)
      // A new record has nothing to clear.
      .filter(([, value]) => !draft.isNew || value !== null),
  );
}
