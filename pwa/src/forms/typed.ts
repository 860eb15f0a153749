// Between what stands in an input and what a record holds. What is typed is kept as typed; only saving reads it.
import type { Field } from "../records/declarations";
import { unitOf } from "../records/show";
import type { Json } from "../store/types";
import { faultSentence, language, t } from "../words";

/** How what was typed is read as a number. */
export interface Reading {
  value: number | null;
  /** Two numbers that it may be, each as it can be typed without any doubt. */
  either?: [string, string];
  /** Its mark was taken for one at the thousands, and somebody may have meant another: it is said. */
  isDoubtful?: boolean;
}

const DECIMAL: Record<string, string> = { en: "." };
const MANY = 3; // digits between two marks at the thousands
/** The decimal mark of the reader's language; the other mark parts thousands. */
const markHere = () => DECIMAL[language.value] ?? ",";

/**
 * A number as people here type it: 1,5 or 1.5; 1.234,5 or 1,234.5. Of one mark with three digits behind it the field and the
 * language say what it is; where they do not agree, nobody knows. The twin of `read_number` in server/bring/cells.py.
 */
export function reading(text: string, decimals = 2): Reading {
  const bare = text.replace(/[\s\u00a0\u202f]/g, "");
  const mark = bare.includes(",") ? "," : ".";
  if (/^-?[1-9]\d{0,2}[.,]\d{3}$/.test(bare)) return twoReadings(bare, mark, decimals);
  const isBoth = bare.includes(",") && bare.includes(".");
  const decimal = isBoth ? (bare.lastIndexOf(",") > bare.lastIndexOf(".") ? "," : ".") : bare.split(mark).length > 2 ? other(mark) : mark;
  return { value: numberOf(bare, decimal) };
}

const other = (mark: string) => (mark === "," ? "." : ",");

/** "1.200": a thousand and two hundred, or one and a fifth? */
function twoReadings(bare: string, mark: string, decimals: number): Reading {
  const great = numberOf(bare, other(mark))!;
  if (decimals === 0) return { value: great, isDoubtful: true };
  const isDecimalHere = mark === markHere();
  // A field of two decimals has no room for three digits behind the mark, one of four has.
  if (isDecimalHere && decimals >= MANY) return { value: numberOf(bare, mark) };
  if (!isDecimalHere && decimals < MANY) return { value: great, isDoubtful: true };
  const small = numberOf(bare, mark)!;
  const digits = String(small).split(".")[1] ?? "";
  return { value: null, either: [String(great), typedOf(small) + (digits.length === MANY ? "0" : "")] };
}

function numberOf(bare: string, decimal: string): number | null {
  const [head, tail, more] = bare.split(decimal) as [string, string?, string?];
  const grouping = other(decimal);
  const isGrouped = head.includes(grouping);
  if (more !== undefined || tail?.includes(grouping) || (isGrouped && !/^-?\d{1,3}([.,]\d{3})+$/.test(head))) return null;
  const plain = `${head.replaceAll(grouping, "")}.${tail ?? ""}`;
  return /^-?(\d+\.\d*|\.\d+)$/.test(plain) ? Number(plain) : null;
}

/** What was typed as a number; null: none, or one that can be read in two ways. */
export const readNumber = (text: string, decimals?: number): number | null => reading(text, decimals).value;

const decimalsOf = (field: Field) => (field.kind === "integer" ? 0 : (field.decimals ?? 2));

/** What is to be said of what stands in a number's input while it is typed: how it is understood, or that it is not. */
export function understood(field: Field, typed: Json | undefined): string {
  if (typeof typed !== "string") return "";
  const { value, either, isDoubtful } = reading(typed, decimalsOf(field));
  if (either) return eitherWords(typed, either);
  return isDoubtful ? `= ${[value, unitOf(field)].filter((each) => each !== undefined).join(" ")}` : "";
}

/** Why what was typed is no value of a number's field; undefined: the general sentence says enough. */
export function notRead(field: Field, typed: Json | undefined): string | undefined {
  if (typeof typed !== "string" || (field.kind !== "number" && field.kind !== "integer")) return undefined;
  const { value, either } = reading(typed, decimalsOf(field));
  if (either) return eitherWords(typed, either);
  return value !== null && !Number.isInteger(value) && decimalsOf(field) === 0 ? faultSentence("whole", {}) : undefined;
}

const eitherWords = (typed: string, [one, two]: [string, string]) =>
  t("“{typed}” is {one} or {two}? Type it as one of these.", { typed: typed.trim(), one, two });

/** The value of a field from what was typed; the text itself where it makes none, for validation to say so. */
export function read(field: Field, typed: Json | undefined): Json {
  if (typed === undefined || typed === null) return null;
  if (field.kind === "items") {
    // From an older form: what is no list of rows is no list of rows today either, and validation says so.
    if (!Array.isArray(typed) || !typed.every((row) => row && typeof row === "object")) return typed;
    const rows = (typed as Record<string, Json>[]).map((row) => readRow(field, row)).filter((row) => Object.keys(row).length);
    return rows.length ? rows : null;
  }
  if (typeof typed !== "string") return Array.isArray(typed) && !typed.length ? null : typed;
  const text = typed.trim().normalize("NFC");
  if (!text) return null;
  if (field.kind === "number" || field.kind === "integer") return valueOf(field, text);
  return text;
}

/** Where nothing stands behind the mark, a fraction was meant as something else: 13,5 for thirteen and a half thousand đồng. */
function valueOf(field: Field, text: string): Json {
  const value = readNumber(text, decimalsOf(field));
  const isRefused = field.kind === "number" && decimalsOf(field) === 0 && !Number.isInteger(value);
  return value === null || isRefused ? text : value;
}

/** The places that the rows of a table have in a form, without those in which nothing stands: a fault counts only what is read. */
export function placesOf(field: Field, typed: Json | undefined): number[] {
  const rows = (Array.isArray(typed) ? typed : []) as Record<string, Json>[];
  return rows.flatMap((row, place) => (row && Object.keys(readRow(field, row)).length ? [place] : []));
}

function readRow(field: Field, row: Record<string, Json>): Record<string, Json> {
  const values = Object.entries(row).map(([name, value]) => {
    const inner = field.fields?.[name];
    return [name, inner ? read(inner, value) : value] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}

/** What stands in an input for a value. */
export function typedOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "number" ? String(value).replace(".", markHere()) : String(value);
}
