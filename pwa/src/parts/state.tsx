// How far a record has come: told by shape, colour and word.
import { queryOf, reviewOf } from "../records/query";
import { changedSinceReview } from "../store/overlay";
import type { Shown, State } from "../store/types";
import { t } from "../words";

/** Beyond the centre: a manager has looked at it as it stands, or asks about it. */
export type Stand = State | "seen" | "queried";

const SHAPES: Record<Stand, string> = { here: "○", going: "◐", there: "●", seen: "◉", queried: "▲", attention: "▲" };
const CLASSES: Record<Stand, string> = { here: "here", going: "here", there: "there", seen: "there", queried: "needs", attention: "needs" };

export function stateWord(state: Stand): string {
  switch (state) {
    case "here":
      return t("Only on this phone");
    case "going":
      return t("Being sent");
    case "there":
      return t("At the centre");
    case "seen":
      return t("Seen by the manager");
    case "queried":
      return t("The manager asks");
    case "attention":
      return t("Needs you");
  }
}

export function standOf(record: Shown): Stand {
  if (record.state === "attention") return "attention";
  if (queryOf(record)?.isOpen) return "queried";
  if (record.state !== "there") return record.state;
  return reviewOf(record)?.state && !changedSinceReview(record) ? "seen" : "there";
}

export function StateMark({ state, record, word = false }: { state: State; record?: Shown; word?: boolean }) {
  const stand = record ? standOf(record) : state;
  return (
    <span class={`state ${CLASSES[stand]}`} data-state={state} data-stand={stand}>
      <span aria-hidden="true">{SHAPES[stand]}</span>
      <span class={word ? "" : "hidden"}> {stateWord(stand)}</span>
    </span>
  );
}
