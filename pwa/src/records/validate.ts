// The twin of sync/records/fields.py: the same values, the same codes, the same paths. A test feeds both.
import canonicalize from "canonicalize";
import { fieldsOf, type Field } from "./declarations";

export interface Fault {
  path: string;
  code: string;
  params: Record<string, string | number>;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CODE = /^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,59}$/;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const INSTANT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?(Z|[+-]([0-9]{2}):([0-9]{2}))$/;
const MOST_DEPTH = 12;
const MOST_BYTES = 64 * 1024;

type Found = Generator<Fault, void>;

const fault = (path: string, code: string, params: Fault["params"] = {}): Fault => ({ path, code, params });
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
// With the u flag a lone surrogate is a character of its own; without it every half of a pair would be one.
const LONE = /\p{Surrogate}/u;
// biome-ignore lint: these are just the characters that no text may have
const CONTROL = /[\u0000-\u0008\u000b-\u001f]/;

/** What is wrong with what one change sets; null clears a field and is always right. */
export function validateSet(type: string, set: Record<string, unknown>): Fault[] {
  const known = fieldsOf(type);
  return Object.entries(set).flatMap(([name, value]) => {
    if (value === null || value === undefined) return [];
    const field = Object.hasOwn(known, name) ? known[name] : undefined;
    if (field) return [...faults(field, value, name)];
    const wrong = unknownFault(value);
    return wrong ? [fault(name, wrong.code, wrong.params)] : [];
  });
}

/** What is wrong with a field's value. */
export function* faults(field: Field, value: unknown, path: string): Found {
  switch (field.kind) {
    case "text":
      return yield* text(field, value, path);
    case "number":
    case "integer":
      return yield* number(field, value, path);
    case "date":
      return yield* form(value, path, "date", isDay);
    case "instant":
      return yield* form(value, path, "instant", isInstant);
    case "choice":
      return yield* form(value, path, "choice", (each) => CODE.test(each), "code");
    case "reference":
      return yield* form(value, path, "reference", (each) => ID.test(each), "id");
    case "choices":
      return yield* list(field, value, path, CODE, "code");
    case "ids":
      return yield* list(field, value, path, ID, "id");
    case "flag":
      if (typeof value !== "boolean") yield fault(path, "type", { kind: "flag" });
      return;
    case "geometry":
      return yield* geometry(field, value, path);
    case "items":
      return yield* items(field, value, path);
    case "object":
      return yield* object(field, value, path);
  }
}

function* text(field: Field, value: unknown, path: string): Found {
  if (typeof value !== "string") return yield fault(path, "type", { kind: "text" });
  if (LONE.test(value) || CONTROL.test(value)) return yield fault(path, "characters");
  if (value.normalize("NFC") !== value) return yield fault(path, "not_nfc");
  if ([...value].length > field.max_length!) return yield fault(path, "too_long", { most: field.max_length! });
  if (field.pattern && value && !new RegExp(`^(?:${field.pattern})$`).test(value)) yield fault(path, "format");
}

function* number(field: Field, value: unknown, path: string): Found {
  if (typeof value !== "number" || Number.isNaN(value)) return yield fault(path, "type", { kind: "number" });
  if (field.kind === "integer" && !Number.isInteger(value)) return yield fault(path, "whole");
  if (value < field.min!) return yield fault(path, "too_small", { least: field.min! });
  if (value > field.max!) yield fault(path, "too_great", { most: field.max! });
}

function* form(value: unknown, path: string, kind: string, good: (text: string) => boolean, code = kind): Found {
  if (typeof value !== "string") yield fault(path, "type", { kind });
  else if (!good(value)) yield fault(path, code);
}

function* list(field: Field, value: unknown, path: string, good: RegExp, code: string): Found {
  if (!Array.isArray(value)) return yield fault(path, "type", { kind: "list" });
  if (value.length > field.max_items!) return yield fault(path, "too_many", { most: field.max_items! });
  for (const [place, each] of value.entries())
    if (typeof each !== "string" || !good.test(each)) yield fault(`${path}.${place}`, code);
}

function* geometry(field: Field, value: unknown, path: string): Found {
  if (!isObject(value)) return yield fault(path, "type", { kind: "geometry" });
  if (typeof value["type"] !== "string" || !field.types!.includes(value["type"]))
    return yield fault(path, "geometry_type", { types: field.types!.join(", ") });
  const code = geometryFault(value["type"], value["coordinates"], field.max_vertices!);
  if (code) yield fault(path, code, code === "too_many" ? { most: field.max_vertices! } : {});
}

export function geometryFault(type: string, coordinates: unknown, most: number): string | null {
  if (type === "Point") return isPosition(coordinates) ? null : "coordinates";
  if (!Array.isArray(coordinates) || !coordinates.length || !coordinates.every(Array.isArray)) return "coordinates";
  const rings = coordinates as unknown[][];
  if (rings.reduce((sum, ring) => sum + ring.length, 0) > most) return "too_many";
  for (const ring of rings) {
    if (!ring.every(isPosition)) return "coordinates";
    if (ring.length < 4) return "ring_short";
    const [first, last] = [ring[0] as number[], ring[ring.length - 1] as number[]];
    if (first[0] !== last[0] || first[1] !== last[1]) return "ring_open";
  }
  return null;
}

function isPosition(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return false;
  if (!value.every((each) => typeof each === "number")) return false;
  const [lon, lat, height] = value as [number, number, number?];
  return lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90 && (height === undefined || (height >= -1000 && height <= 10_000));
}

function* items(field: Field, value: unknown, path: string): Found {
  if (!Array.isArray(value)) return yield fault(path, "type", { kind: "items" });
  if (value.length > field.max_items!) return yield fault(path, "too_many", { most: field.max_items! });
  for (const [place, each] of value.entries()) yield* object(field, each, `${path}.${place}`);
}

function* object(field: Field, value: unknown, path: string): Found {
  if (!isObject(value)) return yield fault(path, "type", { kind: "object" });
  for (const [name, inner] of Object.entries(field.fields!)) {
    const each = Object.hasOwn(value, name) ? value[name] : null;
    if (each !== null && each !== undefined) yield* faults(inner, each, `${path}.${name}`);
  }
}

export function isDay(value: string): boolean {
  const found = DATE.exec(value);
  if (!found) return false;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isInstant(value: string): boolean {
  const found = INSTANT.exec(value);
  if (!found || !isDay(found[1]!)) return false;
  const within = (part: string | undefined, below: number) => Number(part ?? 0) < below;
  return (
    within(found[2], 24) && within(found[3], 60) && within(found[4], 60) && within(found[7], 24) && within(found[8], 60)
  );
}

function unknownFault(value: unknown): { code: string; params: Fault["params"] } | null {
  const code = plainFault(value, MOST_DEPTH);
  if (code) return { code, params: code === "too_deep" ? { most: MOST_DEPTH } : {} };
  const size = new TextEncoder().encode(canonicalize(value)).length;
  return size > MOST_BYTES ? { code: "too_big", params: { most: MOST_BYTES } } : null;
}

function plainFault(value: unknown, room: number): string | null {
  if (typeof value === "string") return LONE.test(value) ? "characters" : null;
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? null : "number";
  if (typeof value !== "object" || value === null) return null;
  if (room === 0) return "too_deep";
  const inner = Array.isArray(value) ? value : [...Object.keys(value), ...Object.values(value)];
  for (const each of inner) {
    const code = plainFault(each, room - 1);
    if (code) return code;
  }
  return null;
}
