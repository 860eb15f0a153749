// What a manager asks of a record, and whether it waits for an answer. Pure.
import { changedSinceReview } from "../store/overlay";
import type { Id, Shown } from "../store/types";

export interface Query {
  /** The change that asked: what an answer answers. */
  change: Id;
  note: string;
  /** The fields that it is about; none: the whole record. */
  fields: string[];
  /** What was answered to it. */
  answer: string;
  /** Neither answered nor corrected since it was asked. */
  isOpen: boolean;
}

export interface Review {
  state?: string;
  note?: string;
  seen?: Id[];
  fields?: string[];
}

export function reviewOf(record: Shown): Review | undefined {
  const review = record.fields["review"];
  return review && typeof review === "object" ? (review as Review) : undefined;
}

/** The query that stands on a record; undefined where nothing is asked. */
export function queryOf(record: Shown): Query | undefined {
  const review = reviewOf(record);
  const change = record.heads["review"]?.[0];
  if (review?.state !== "queried" || !change || record.deleted) return undefined;
  const said = record.fields["answer"] as { text?: string; to?: Id } | undefined;
  const answer = said?.to === change ? (said.text ?? "") : "";
  return { change, note: review.note ?? "", fields: review.fields ?? [], answer, isOpen: !answer && !changedSinceReview(record) };
}
