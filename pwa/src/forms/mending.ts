// A form that begins with what the centre refused, so that only what is wrong has to be typed again.
// Must never put that in the place of what is half typed of the same record.
import { book } from "../app";
import type { Change, Draft, Json, Waiting } from "../store/types";
import { correction } from "./begin";
import { fitted, touched } from "./fit";

/** Begin the form; its address. */
export async function mending({ change }: Waiting): Promise<string> {
  const stands = correction(change.record, change.type);
  if (stands) {
    const half = book().draft(stands.key);
    const since = half ? touched(fitted(half), fitted(half).typed) : {};
    // What is half typed in another tab stays as it is there.
    const fields = new Set(Object.keys(change.set).filter((name) => !(name in since)));
    await book().putDraft(begun(stands, change, half && fitted(half), since), { fields, photos: new Set() });
  }
  return `/edit/${change.type}/${change.record}`;
}

/** What stands, over it what was refused, and over both what is half typed since: its author wrote that last. */
function begun(stands: Draft, change: Change, half: Draft | undefined, since: Record<string, Json>): Draft {
  const overSince = Object.fromEntries(Object.keys(since).map((name) => [name, half?.over[name] ?? []]));
  return {
    ...half,
    ...stands,
    typed: { ...stands.typed, ...change.set, ...since },
    over: { ...stands.over, ...book().overMended(change), ...overSince },
  };
}
