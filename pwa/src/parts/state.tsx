// How far a record has come: told by shape, colour and word.
import type { State } from "../store/types";
import { t } from "../words";

const SHAPES: Record<State, string> = { here: "○", going: "◐", there: "●", attention: "▲" };
const CLASSES: Record<State, string> = { here: "here", going: "here", there: "there", attention: "needs" };

export function stateWord(state: State): string {
  switch (state) {
    case "here":
      return t("Only on this phone");
    case "going":
      return t("Being sent");
    case "there":
      return t("At the centre");
    case "attention":
      return t("Needs you");
  }
}

export function StateMark({ state, word = false }: { state: State; word?: boolean }) {
  return (
    <span class={`state ${CLASSES[state]}`} data-state={state}>
      <span aria-hidden="true">{SHAPES[state]}</span>
      <span class={word ? "" : "hidden"}> {stateWord(state)}</span>
    </span>
  );
}
