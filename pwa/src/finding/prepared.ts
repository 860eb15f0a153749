// The finder of the book that is open: made ready while nobody waits for it.
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
export function prepare(book: Book): void {
  if (!finderOf(book).takeIn()) setTimeout(() => prepare(book));
}
