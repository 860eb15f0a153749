// A draft that was begun with other declarations than today's: what fits goes on, what does not stands beside it.
// Must never drop or change what was typed.
import { fieldsOf, SCHEMA, type Field } from "../records/declarations";
import { entriesOf } from "../records/lists";
import { validateSet } from "../records/validate";
import { same } from "../store/overlay";
import type { Draft, Json } from "../store/types";
import { read } from "./typed";

/** The draft as today's form can open it. What was typed and has no place any more is in `unfit`. */
export function fitted(draft: Draft): Draft {
  if (draft.schema === SCHEMA) return draft;
  const fields = fieldsOf(draft.type);
  const typed: Record<string, Json> = {};
  const unfit: Record<string, Json> = {};
  for (const [name, value] of Object.entries(draft.typed)) {
    // What the record said when the form was opened was not typed: it stays with the record as it is.
    const untouched = draft.opened && name in draft.opened && same(value, draft.opened[name]);
    if (untouched || fits(draft.type, name, fields[name], value)) typed[name] = value;
    else unfit[name] = value;
  }
  // What an older tab had no place for may have one here; never in the place of what stands in the form.
  for (const [name, value] of Object.entries(draft.unfit ?? {})) {
    if (!(name in draft.typed) && fits(draft.type, name, fields[name], value)) typed[name] = value;
    else unfit[name] ??= value; // typed twice, and neither fits: the newer one stands
  }
  const { unfit: _before, ...rest } = draft;
  return { ...rest, schema: SCHEMA, typed, ...(Object.keys(unfit).length ? { unfit } : {}) };
}

function fits(type: string, name: string, field: Field | undefined, typed: Json): boolean {
  if (typed === null || typed === "") return true;
  if (!field) return false;
  const value = read(field, typed);
  return isListed(field, value) && !validateSet(type, { [name]: value }).length;
}

/** Whether each choice can still be chosen: one that vanished would stand in the form without being seen. */
function isListed(field: Field, value: Json): boolean {
  if (field.kind === "choice" || field.kind === "choices") {
    const codes = new Set(entriesOf(field.list!).map((each) => each.code));
    return (Array.isArray(value) ? value : [value]).every((each) => each === null || codes.has(String(each)));
  }
  if (field.kind !== "items" || !Array.isArray(value)) return true;
  return value.every((row) =>
    Object.entries((row ?? {}) as Record<string, Json>).every(([name, each]) => {
      const inner = field.fields?.[name];
      return inner !== undefined && isListed(inner, each);
    }),
  );
}

/** The draft with one of its unfit values moved into its note (*words*: how it reads), or thrown away. */
export function withoutUnfit(draft: Draft, name: string, words?: string): Draft {
  const { [name]: _gone, ...unfit } = draft.unfit ?? {};
  const note = [draft.typed["note"], words].filter(Boolean).join("\n");
  const { unfit: _all, ...rest } = draft;
  const typed = words ? { ...draft.typed, note } : draft.typed;
  return { ...rest, typed, ...(Object.keys(unfit).length ? { unfit } : {}), changedAt: Date.now() };
}

/** What a person has touched of a form: only that is judged, the rest stands at the centre already. */
export function touched(draft: Draft, set: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(set).filter(([name, value]) => !draft.opened || !same(value, draft.opened[name])));
}
