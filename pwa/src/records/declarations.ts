// The record declarations, as the server made them at build time (sync/records).
import made from "../../generated/declarations.json";

export interface Words {
  vi: string;
  en: string;
}

export interface Entry {
  code: string;
  vi: string;
  en: string;
  scientific?: string;
  hosts?: string[];
  forms?: string[];
  kg?: number;
  province?: string;
  /** How a crop grows, and which growth stages a habit goes through, by which name. */
  habit?: string;
  habits?: string[];
  grass?: Words;
  /** Of a product: what it is, and for which kinds of work. */
  under?: Words;
  kinds?: string[];
  /** Of an installation's own: read wherever a record has it, and offered no more. */
  hidden?: boolean;
  /** Of a product: its pre-harvest interval in days, in general and on some crops; whether the installation stated it. */
  phi_days?: number;
  phi_by_crop?: { crop: string; days: number }[];
  stated?: boolean;
  /** Of a unit, a variety: on which crops. */
  crops?: string[];
  [key: string]: unknown;
}

export interface Field {
  kind: string;
  label: Words;
  hint?: Words;
  required?: boolean;
  default?: string;
  unit?: string | Words;
  max_length?: number;
  pattern?: string;
  multiline?: boolean;
  mode?: string;
  min?: number;
  max?: number;
  decimals?: number;
  /** Written without a mark at the thousands. */
  year?: boolean;
  list?: string;
  to?: string[];
  types?: string[];
  max_vertices?: number;
  max_items?: number;
  fields?: Record<string, Field>;
  hidden?: boolean;
  /** It is asked only while each of these fields has one of these values. */
  shown_when?: Record<string, string[]>;
  /** Each entry is drawn. */
  pictures?: boolean;
  /** What was typed here lately is offered, and the entries of a list; one that is taken fills other fields. */
  recent?: boolean;
  suggest?: string;
  fills?: Record<string, string>;
}

export interface Check {
  rule: string;
  fields: string[];
}

export interface RecordType {
  label: Words;
  plural: Words;
  identity: string[];
  fields: Record<string, Field>;
  checks: Check[];
  /** How many of its questions stand open in a form. */
  open: number;
  /** Two fields that are counted together: looked at, and affected. */
  counted: string[];
}

interface Declarations {
  schema: number;
  lists: Record<string, Entry[]>;
  types: Record<string, RecordType>;
  common: Record<string, Field>;
  sentences: Record<string, Words>;
}

export const DECLARATIONS = made as unknown as Declarations;
export const SCHEMA = DECLARATIONS.schema;
export const TYPES = DECLARATIONS.types;
/** The built-in entries; `lists.ts` has them with what the installation says over them. */
export const LISTS = DECLARATIONS.lists;

/** The fields of a type, and those that every record has. */
export function fieldsOf(type: string): Record<string, Field> {
  return { ...TYPES[type]?.fields, ...DECLARATIONS.common };
}

/** Whether a form asks for *field* of a record that holds *fields*. The twin of `is_shown` in sync/records. */
export function isShown(field: Field, fields: Record<string, unknown>): boolean {
  return Object.entries(field.shown_when ?? {}).every(([name, values]) => values.includes(fields[name] as string));
}

export function referenceFields(type: string): string[] {
  return Object.entries(TYPES[type]?.fields ?? {})
    .filter(([, field]) => field.kind === "reference")
    .map(([name]) => name);
}
