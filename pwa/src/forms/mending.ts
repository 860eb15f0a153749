// A form that begins with what the centre refused, so that only what is wrong has to be typed again.
// Must never put that in the place of what is half typed of the same record.
import { book } from "../app";
import type { Change, Draft, Waiting } from "../store/types";
import { correction } from "./begin";
import { fitted, touched } from "./fit";

/** Begin the form; its address. */
export async function mending({ change }: Waiting): Promise<string> {
  const stands = correction(change.record, change.type);
  if (stands) await book().putDraft(begun(stands, change, book().draft(stands.key)));
  return `/edit/${change.type}/${change.record}`;
}

/** What stands, over it what was refused, and over both what is half typed: its author wrote that last. */
function begun(stands: Draft, change: Change, draft: Draft | undefined): Draft {
  const half = draft && fitted(draft);
  const since = half ? touched(half, half.typed) : {};
  const overSince = Object.fromEntries(Object.keys(since).map((name) => [name, half?.over[name] ?? []]));
  return {
    ...half,
    ...stands,
    typed: { ...stands.typed, ...change.set, ...since },
    over: { ...stands.over, ...book().overMended(change), ...overSince },
  };
}
