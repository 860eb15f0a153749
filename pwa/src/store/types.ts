// What the phone keeps and shows. The words are those of docs/sync.md.
import type { Form } from "./beside";

export type Id = string; // UUIDv7, lower case
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = Record<string, Json>;

/** The one immutable unit that travels: what one edit changed, and over which changes. */
export interface Change {
  id: Id;
  record: Id;
  type: string;
  area: Id;
  set: Fields;
  over?: Record<string, Id[]>;
  /** Only beside `deleted: true`: every change id that the editor's view of the record showed. */
  seen?: Id[];
  schema: number;
}

export interface Candidate {
  change: Id;
  value: Json;
  /** The author's user id; `Book.person(id)` gives the name. Absent while it waits on this phone. */
  by?: Id;
  at?: string;
}

/** A record as the server said it, with `heads` spread out: every field to the changes its value came from. */
export interface BaseRecord {
  id: Id;
  type: string;
  area: Id;
  seq: number;
  fields: Fields;
  heads: Record<string, Id[]>;
  conflicts: Record<string, Candidate[]>;
  deleted: boolean;
}

/** What became of a change that was refused: it is in the log, as it was or mended by a manager; or it was put away. */
export type Decision = "accepted" | "mended" | "put_away" | string;

export interface Rejection {
  reason: "invalid" | "forbidden" | "too_large" | "id_reused" | string;
  detail: { field?: string; code?: string; [key: string]: Json | undefined };
  /** A manager has put it away: its author mends it or gives it up. */
  putAway?: true;
  /** The centre could not read it, or had no room for it: this phone alone has it. */
  onlyHere?: true;
}

/** A change of this phone that the centre has not accepted. `refused` ones need a person. */
export interface Waiting {
  /** Order of editing on this phone; the key of the store. */
  n: number;
  change: Change;
  savedAt: number;
  refused?: Rejection;
  /** It came from a safety copy, however old: what is newer here stands over it until the centre has answered. */
  fromCopy?: true;
}

/** ○ only here · ◐ going · ● at the centre · ▲ needs a person */
export type State = "here" | "going" | "there" | "attention";

/** A record as screens show it: the base with the outbox laid over it. */
export interface Shown extends BaseRecord {
  state: State;
  /** Time of the newest change, ms since 1970, from its id. */
  touchedAt: number;
}

/** What a form or a page knows of a picture that was just taken: the photo record's fields to be, and its id. */
export interface Photo {
  id: Id;
  sha256: string;
  preview_sha256: string;
  size_bytes: number;
  mime: string;
  width: number;
  height: number;
  taken_at: string;
  point?: { type: "Point"; coordinates: [number, number] };
  accuracy_m?: number;
  caption?: string;
}

/** What is half-typed. Kept as typed (strings included), never validated, never sent. */
export interface Draft {
  /** `<type>/<record id>`; a record that is being made already has its id. */
  key: string;
  type: string;
  record: Id;
  area: Id;
  schema: number;
  /** Field to what stands in its input. */
  typed: Record<string, Json>;
  /** The change ids of each field when the form was opened: what `over` will name. */
  over: Record<string, Id[]>;
  /** The record's values when the form was opened; absent for a new record. */
  opened?: Fields;
  /** Pictures that were taken for it; their bytes are on disk. */
  photos?: Photo[];
  /** What was typed in an earlier version of the form and has no place in today's. */
  unfit?: Record<string, Json>;
  /** True when the record did not exist before. */
  isNew: boolean;
  changedAt: number;
}

export interface Edit {
  type: string;
  area: Id;
  record: Id;
  set: Fields;
  /** What the editor saw, field by field, when the form was opened; default: what stands now. */
  over?: Record<string, Id[]>;
  /** The values that the form opened with: what was left as it was is no edit, whatever came in meanwhile. */
  opened?: Fields | undefined;
  /** Pictures that were taken for it: each becomes a record of its own, in the same transaction. */
  photos?: Photo[] | undefined;
  /** The form that the edit comes from: its draft is gone once this is saved, but for what another tab has typed into it. */
  form?: Form | undefined;
  /**
   * Told as soon as it is durable, before anything is drawn anew. What it settles with is done when the screens are told, so
   * that they are drawn once and not twice.
   */
  durable?: () => Promise<() => void>;
}

export interface Area {
  name: string;
  role: string;
}

export interface Failure {
  at: number;
  /** A key of words.ts: what was answered, never what was tried. */
  outcome: string;
  detail?: string;
}

/** How the last try went, and the last one that failed. */
export interface LastTry extends Failure {
  failed?: Failure;
}

export interface Counts {
  waiting: number;
  refused: number;
  atCentre: number;
}
