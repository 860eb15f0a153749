// What the app says, in the reader's language. The English sentence is the key; locales/ has the others.
import { signal } from "@preact/signals";
import { now } from "./clock";
import messages from "../generated/messages.json";
import { DECLARATIONS, type Words } from "./records/declarations";
import { entryOf } from "./records/lists";

export type Language = string;

type Catalogues = Record<string, Record<string, string>>;
const catalogues = messages as Catalogues;
const KEPT = "nuong-language";
const FIRST = "vi";
/** Every language that there is a catalogue of, by its own name for itself: so each translates the word “English”. */
export const LANGUAGES: Record<Language, string> = Object.fromEntries(
  [FIRST, "en", ...Object.keys(catalogues)].map((code) => [code, catalogues[code]?.["English"] ?? "English"]),
);

export const language = signal<Language>(chosen());

function chosen(): Language {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept && kept in LANGUAGES) return kept;
  } catch {
    // No local storage: Vietnamese then.
  }
  return FIRST;
}

export function speak(wish: Language): void {
  language.value = wish;
  document.documentElement.lang = wish;
  try {
    localStorage.setItem(KEPT, wish);
  } catch {
    // It holds until the app is closed.
  }
}

/** Take in sentences that came with a late piece. */
export function learn(more: Catalogues): void {
  for (const [each, sentences] of Object.entries(more)) catalogues[each] = { ...catalogues[each], ...sentences };
}

/** A sentence in the reader's language, with {names} filled in. */
export function t(sentence: string, fill: Record<string, string | number> = {}): string {
  const text = catalogues[language.value]?.[sentence] ?? sentence;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in fill ? String(fill[name]) : whole));
}

/** A label of the declarations; in a third language the English is the key. */
export function say(words: Words | undefined): string {
  if (!words) return "";
  return inTongue(words);
}

/** Vietnamese and English stand beside each other in the declarations; any other language has them in its catalogue. */
const inTongue = (words: Words) => words[language.value as keyof Words] ?? t(words.en);

/** A code's name; the code itself where the list does not know it. */
export function nameOf(list: string, code: unknown): string {
  if (typeof code !== "string") return "";
  const entry = entryOf(list, code);
  return entry ? inTongue(entry) : code;
}

/** What is wrong, and what to do. */
export function faultSentence(code: string, params: Record<string, string | number>): string {
  const words = DECLARATIONS.sentences[code];
  if (!words) return t("This value can't be used. Enter it again.");
  return say(words).replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** How numbers, times and the alphabet go; as in Vietnam where the browser does not know the language. */
const locale = () => [language.value === "en" ? "en-GB" : language.value, "vi-VN"];
export const collator = () => new Intl.Collator(locale());
/** What stands between thousands; any other language asks the browser. */
const THOUSANDS: Record<Language, string> = { vi: ".", en: "," };

export function sayNumber(value: number, decimals = 2): string {
  // The first number that a slow phone formats by Intl costs it a tenth of a second, and home shows counts.
  const between = THOUSANDS[language.value];
  if (Number.isInteger(value) && between) return String(value).replace(/\B(?=(\d{3})+$)/g, between);
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: decimals }).format(value);
}

export function sayBytes(bytes: number): string {
  return bytes >= 1e9 ? t("{size} GB", { size: sayNumber(bytes / 1e9, 1) }) : t("{size} MB", { size: sayNumber(bytes / 1e6, bytes < 1e7 ? 1 : 0) });
}

/** dd/mm/yyyy from YYYY-MM-DD. */
export function sayDay(day: string): string {
  const [year, month, date] = day.slice(0, 10).split("-");
  return `${date}/${month}/${year}`;
}

/** A day with its weekday and the month by name; nothing for what is no day. */
export function sayWholeDay(day: string): string {
  const found = new Date(`${day}T00:00`);
  return Number.isNaN(found.getTime()) ? "" : new Intl.DateTimeFormat(language.value, { dateStyle: "full" }).format(found);
}

/** A moment as it was: put right before (`clock.right`) where it comes from the phone's clock. */
export function sayTime(at: number): string {
  const day = new Date(at);
  const clock = `${two(day.getHours())}:${two(day.getMinutes())}`;
  const days = Math.round((startOfDay(now()) - startOfDay(at)) / 86_400_000);
  if (days === 0) return t("today {time}", { time: clock });
  if (days === 1) return t("yesterday {time}", { time: clock });
  return `${sayDay(localDay(day))} ${clock}`;
}

const two = (value: number) => String(value).padStart(2, "0");
const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0);

/** The day of the calendar here, YYYY-MM-DD. */
export function localDay(day = new Date(now())): string {
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** Without marks and case, for search: "lo van" finds "Lò Văn". */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}
