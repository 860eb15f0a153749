// The finder of the book that is open: made ready while nobody waits for it.
import { Breath } from "../breath";
import type { Book } from "../store/book";
import { collator, language } from "../words";
import { Finder } from "./finder";

let made: { finder: Finder; book: Book; language: string } | undefined;

/** The finder of *book*, in the alphabet of the reader's language. */
export function finderOf(book: Book): Finder {
  if (made?.book !== book || made.language !== language.value) {
    made?.finder.close();
    const { compare } = collator();
    made = { finder: new Finder(book.shelf, compare), book, language: language.value };
  }
  return made.finder;
}

/** Take in what changed, slice by slice, so that the first letter finds it there. */
export async function prepare(book: Book): Promise<void> {
  const breath = new Breath();
  // The browser reads how an alphabet goes when it is first asked: on a slow phone that is a slice of its own.
  collator();
  await breath.taken();
  const finder = finderOf(book);
  while (!finder.takeIn(AT_ONCE)) await breath.taken();
}

const AT_ONCE = 20; // records
