// What there is to do: asked by the manager, half-written, due. Home shows it, and the next opening begins with reading it.
import type { Book } from "../store/book";
import type { Id, Shown } from "../store/types";
import { localDay } from "../words";

export const MOST_RECENT = 6;
const MOST_KEPT = 60;

/** Tasks that are not done and are this person's, or nobody's in particular: what is due first stands first. */
export function tasks(book: Book): Shown[] {
  return book
    .all("task")
    .filter(({ fields }) => !(fields["done"] as { done?: boolean } | undefined)?.done)
    .filter(({ fields }) => !fields["assignee"] || fields["assignee"] === book.user)
    .sort((one, other) => dueOf(one).localeCompare(dueOf(other)));
}

/** Whether a task is to be done today, or was before. */
export const isDue = (task: Shown) => dueOf(task) <= localDay();

const dueOf = ({ fields }: Shown) => String(fields["due"] ?? "9");

/** Where somebody was last, as far as it is still there. */
export function recent(book: Book, most = MOST_RECENT): Shown[] {
  const found = book.recent.value.map((id) => book.meant(id)).filter((each): each is Shown => !!each && !each.deleted);
  return [...new Set(found)].slice(0, most);
}

/** The records that home shows, and those that they name. */
export function onHome(book: Book): Id[] {
  const shown = [...book.needing(), ...book.shelf.queried(), ...tasks(book), ...recent(book)].slice(0, MOST_KEPT);
  const named = shown.flatMap(({ fields }) => [fields["plot"], fields["farmer"], fields["of"]].map((each) => book.meant(each)));
  const owners = named.map((each) => book.meant(each?.fields["farmer"]));
  return [...new Set([...shown, ...named, ...owners].flatMap((each) => (each ? [each.id] : [])))];
}
