// What an answer tells of the installation's own lists, laid over what is held. The twin of `learnt` in sync/records/lists.
import type { Held } from "../records/lists";

export interface ListNews {
  /** The number to name at the next asking. */
  at: number;
  entries: Record<string, Held[string][string][]>;
  /** All of them, and not only what changed. */
  anew?: boolean;
  more?: boolean;
}

export function learnt(held: Held | undefined, news: ListNews): Held {
  const found: Held = news.anew ? {} : { ...held };
  for (const [list, entries] of Object.entries(news.entries))
    found[list] = { ...found[list], ...Object.fromEntries(entries.map((each) => [each.code, each])) };
  return found;
}
