// What was recorded before, for those who record the same again: on this plot, or earlier this day.
import { signal } from "@preact/signals";
import { book } from "../app";
import { TYPES } from "../records/declarations";
import type { Fields, Id, Json, Shown } from "../store/types";
import { localDay } from "../words";

/** What was saved last: it stands on top of its plot, whatever its date. */
export const justSaved = signal<Id | null>(null);

/** What each entry says anew: when and where, its note, and what is a manager's or the merge's. */
const ANEW = ["date", "at", "point", "accuracy_m", "note", "deleted", "area", "same_as", "review", "answer", "plot"];

/** The last entry of a type on a plot; where there is none, the last one of this day. */
export function lastEntry(type: string, plot: Id | undefined): Shown | undefined {
  return onThisPlot(type, plot) ?? ofThisDay(type);
}

export function onThisPlot(type: string, plot: Id | undefined): Shown | undefined {
  return plot ? book().referring(plot, type)[0] : undefined;
}

/** The newest entry of a type that is dated today; with *crop*, on that crop. */
export function ofThisDay(type: string, crop?: Json): Shown | undefined {
  const today = localDay();
  return book()
    .all(type)
    .filter((each) => dayOf(each) === today && (crop === undefined || each.fields["crop"] === crop))
    .sort((one, other) => other.touchedAt - one.touchedAt)[0];
}

function dayOf({ fields }: Shown): string {
  if (typeof fields["date"] === "string") return fields["date"];
  return typeof fields["at"] === "string" ? localDay(new Date(fields["at"])) : "";
}

/** What “as last time” fills in: all that an entry said, but for what is counted and written anew each time. */
export function repeated(entry: Shown): Fields {
  const own = TYPES[entry.type]!;
  return Object.fromEntries(Object.entries(entry.fields).filter(([name]) => name in own.fields && !ANEW.includes(name) && !own.counted.includes(name)));
}
