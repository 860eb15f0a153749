// Between what stands in an input and what a record holds. What is typed is kept as typed; only saving reads it.
import type { Field } from "../records/declarations";
import type { Json } from "../store/types";

/** A number as people here type it: 1,5 or 1.5; 1.234,5 or 1,234.5. null: no number. */
export function readNumber(text: string): number | null {
  const bare = text.replace(/[\s\u00a0]/g, "");
  const comma = bare.lastIndexOf(",");
  const dot = bare.lastIndexOf(".");
  const decimal = comma > dot ? "," : ".";
  const thousands = decimal === "," ? /\./g : /,/g;
  const plain = bare.replace(thousands, "").replace(decimal, ".");
  return /^-?\d*\.?\d+$|^-?\d+\.$/.test(plain) ? Number(plain) : null;
}

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
  if (field.kind === "number" || field.kind === "integer") return readNumber(text) ?? text;
  return text;
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
  return typeof value === "number" ? String(value).replace(".", ",") : String(value);
}
