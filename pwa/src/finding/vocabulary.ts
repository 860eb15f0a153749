// Words, and in which records they stand. Names repeat: ten thousand records are written with some thousand words, so a key
// stroke looks through those and not through the records. Pure.
import { fold } from "../words";

/** How well a word fits: the whole word, its beginning, somewhere inside, with one slip. */
const WHOLE = 0;
const BEGINS = 1;
const INSIDE = 2;
const SLIP = 6;

/** Inside a word only what is long enough to mean something: the end of a phone number, not one letter. */
const LEAST_INSIDE = 3;
const LEAST_WITH_SLIP = 3;

/** The words of a text as they are compared: without marks and case. */
export function wordsOf(text: string): string[] {
  return fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/** A phone number as one word, however it was grouped, with or without the country's code. */
export function digitsOf(text: string): string {
  const digits = text.replace(/\D/g, "");
  return /^\s*(\+|00)84/.test(text) ? `0${digits.replace(/^0*84/, "")}` : digits;
}

/** The words that somebody typed; what is all digits is one number. */
export function typedWords(wish: string): string[] {
  return /^[\d\s.+()-]+$/.test(wish) && /\d/.test(wish) ? [digitsOf(wish)] : wordsOf(wish);
}

export class Vocabulary<Row> {
  private rows = new Map<string, Set<Row>>();
  /** What a typed word fits, until another word comes in or goes. */
  private fits = new Map<string, Map<string, number>>();

  add(words: Iterable<string>, row: Row): void {
    for (const word of words) {
      const there = this.rows.get(word);
      if (there) there.add(row);
      else {
        this.rows.set(word, new Set([row]));
        this.fits.clear();
      }
    }
  }

  remove(words: Iterable<string>, row: Row): void {
    for (const word of words) {
      const there = this.rows.get(word);
      there?.delete(row);
      if (there?.size === 0) {
        this.rows.delete(word);
        this.fits.clear();
      }
    }
  }

  /** The rows that have all of *typed*, and how well: the less, the better. With *slips*, one letter in all may be wrong. */
  find(typed: string[], slips: boolean): Map<Row, number> {
    let found: Map<Row, number> | undefined;
    for (const word of typed) {
      const these = new Map<Row, number>();
      for (const [known, fit] of this.fitting(word, slips))
        for (const row of this.rows.get(known)!) {
          const before = found ? found.get(row) : 0;
          if (before === undefined) continue;
          const all = before + fit;
          if (all >= 2 * SLIP) continue;
          if (all < (these.get(row) ?? Infinity)) these.set(row, all);
        }
      found = these;
    }
    return found ?? new Map();
  }

  private fitting(typed: string, slips: boolean): Map<string, number> {
    const key = `${typed} ${slips}`;
    let found = this.fits.get(key);
    if (!found) {
      found = new Map();
      for (const known of this.rows.keys()) {
        const fit = fitOf(typed, known, slips);
        if (fit !== null) found.set(known, fit);
      }
      this.fits.set(key, found);
    }
    return found;
  }
}

function fitOf(typed: string, known: string, slips: boolean): number | null {
  if (known.startsWith(typed)) return known.length === typed.length ? WHOLE : BEGINS;
  if (typed.length >= LEAST_INSIDE && known.includes(typed)) return INSIDE;
  // Another number is another number: a digit is never a slip.
  return slips && typed.length >= LEAST_WITH_SLIP && !/\d/.test(typed) && withOneSlip(typed, known) ? SLIP : null;
}

/** Those of *entries* whose words are what was typed but for one letter, the likeliest first. */
export function similar<Entry>(entries: readonly Entry[], textOf: (entry: Entry) => string, wish: string): Entry[] {
  const vocabulary = new Vocabulary<Entry>();
  for (const each of entries) vocabulary.add(wordsOf(textOf(each)), each);
  const found = vocabulary.find(typedWords(wish), true);
  return [...found.keys()].sort((one, other) => found.get(one)! - found.get(other)!);
}

/** Whether *known* begins with *typed* but for one letter: wrong, missing, too many, or two that changed places. */
export function withOneSlip(typed: string, known: string): boolean {
  let at = 0;
  while (at < typed.length && typed[at] === known[at]) at++;
  if (at === typed.length) return true;
  const rest = typed.slice(at);
  return (
    known.startsWith(rest.slice(1), at + 1) ||
    known.startsWith(rest, at + 1) ||
    known.startsWith(rest.slice(1), at) ||
    (rest[1] !== undefined && known[at] === rest[1] && known[at + 1] === rest[0] && known.startsWith(rest.slice(2), at + 2))
  );
}
