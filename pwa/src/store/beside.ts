// A draft that stands open in two tabs: what each of them has typed into it. Pure.
// Must never let one tab take away what another has typed, whether it writes, saves or throws away.
import { same } from "./overlay";
import type { Draft, Fields, Id, Json } from "./types";

/** What a form has touched since it was opened: names of fields, and the pictures that it has or had. */
export interface Own {
  fields: ReadonlySet<string>;
  photos: ReadonlySet<Id>;
}

/** A form as it is left: what stands in it, and what of that it has touched; without `own`, all of it is its own. */
export interface Form {
  draft: Draft;
  own?: Own | undefined;
}

/** Of a form that is compared with itself of a moment before: every difference is another's. */
export const NOTHING: Own = { fields: new Set(), photos: new Set() };

type Values = Record<string, Json>;

/** All that both have touched. */
export function joined(one: Own | undefined, other: Own | undefined): Own | undefined {
  if (!one || !other) return undefined;
  return { fields: new Set([...one.fields, ...other.fields]), photos: new Set([...one.photos, ...other.photos]) };
}

/** A draft as one form has it, put into what stands on disk: what the form has not touched stays as it is there. */
export function merged(mine: Draft, own: Own, there: Draft): Draft {
  const pick = <Value>(from: Record<string, Value> = {}, to: Record<string, Value> = {}): Record<string, Value> => ({
    ...Object.fromEntries(Object.entries(to).filter(([name]) => !own.fields.has(name))),
    ...Object.fromEntries(Object.entries(from).filter(([name]) => own.fields.has(name))),
  });
  const theirs = (there.photos ?? []).filter((each) => !own.photos.has(each.id));
  const photos = [...(mine.photos ?? []).filter((each) => own.photos.has(each.id)), ...theirs];
  const unfit = pick(mine.unfit, there.unfit);
  // Saved by another tab in the meantime: what a correction of it is made over is known there.
  const savedThere = mine.isNew && !there.isNew;
  const { unfit: _mine, ...rest } = mine;
  return {
    ...rest,
    isNew: mine.isNew && there.isNew,
    typed: pick(mine.typed, there.typed),
    over: savedThere ? there.over : { ...mine.over, ...pick(mine.over, there.over) },
    ...(savedThere && there.opened && { opened: there.opened }),
    ...(mine.opened && { opened: { ...mine.opened, ...pick(mine.opened, there.opened) } }),
    ...((mine.photos || photos.length > 0) && { photos }),
    ...(Object.keys(unfit).length > 0 && { unfit }),
  };
}

/** What is to stand on disk for *form*, where *there* stands now. */
export function mergedWith(there: Draft | undefined, { draft, own }: Form): Draft {
  return there && own ? merged(draft, own, there) : draft;
}

/** What stays of a draft when *form* has become *saved*: what another tab has typed into it, to be corrected in what was saved. */
export function leftBySaving(there: Draft | undefined, form: Form, saved: { change: Id; set: Fields }): Draft | undefined {
  const others = there && othersIn(there, form);
  if (!others) return undefined;
  const stands: Fields = { ...(there.opened ?? {}), ...saved.set };
  for (const [name, value] of Object.entries(stands)) if (value === null) delete stands[name];
  const over = Object.fromEntries(Object.keys(saved.set).map((name) => [name, [saved.change]]));
  return { ...without(there), ...others, isNew: false, typed: { ...stands, ...others.typed }, opened: stands, over: { ...there.over, ...over } };
}

/** What stays of a draft when *form* is thrown away. */
export function leftByDropping(there: Draft | undefined, form: Form): Draft | undefined {
  const others = there && othersIn(there, form);
  if (!others) return undefined;
  const typed: Values = { ...there.typed };
  for (const name of form.own!.fields) {
    const before = there.opened?.[name];
    if (before === undefined) delete typed[name];
    else typed[name] = before;
  }
  return { ...without(there), ...others, typed: { ...typed, ...others.typed } };
}

/** A draft without what only some have: what of it stays is said anew. */
function without({ unfit: _unfit, photos: _photos, ...draft }: Draft): Draft {
  return draft;
}

type Others = Required<Pick<Draft, "typed">> & Pick<Draft, "photos" | "unfit">;

/** What stands in *there*, and neither in the form nor by its doing; undefined where that is nothing. */
function othersIn(there: Draft, { draft, own }: Form): Others | undefined {
  if (!own) return undefined;
  const strange = (found: Values = {}, mine: Values = {}): Values =>
    Object.fromEntries(Object.entries(found).filter(([name, value]) => !own.fields.has(name) && !same(value, mine[name])));
  const typed = strange(there.typed, draft.typed);
  const unfit = strange(there.unfit, draft.unfit);
  const photos = (there.photos ?? []).filter((each) => !own.photos.has(each.id) && !draft.photos?.some((mine) => mine.id === each.id));
  if (!Object.keys(typed).length && !Object.keys(unfit).length && !photos.length) return undefined;
  return { typed, ...(photos.length ? { photos } : {}), ...(Object.keys(unfit).length ? { unfit } : {}) };
}
