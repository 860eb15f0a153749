// The answer to a query, as it stands half typed in a draft.
import { same } from "../store/overlay";
import type { Draft, Json } from "../store/types";

/** The draft with an answer; without one, as it was. */
export function withAnswer(draft: Draft, answer: Json): Draft {
  const { answer: _before, ...others } = draft.typed;
  const said = (answer as { text?: string } | null)?.text ? answer : draft.opened?.["answer"];
  return { ...draft, typed: said === undefined ? others : { ...others, answer: said }, changedAt: Date.now() };
}

/** Whether a draft holds anything besides an answer: that goes on in the form, where all of it is in sight. */
export function holdsMore({ typed, opened, photos, unfit }: Draft): boolean {
  return !!photos?.length || !!unfit || Object.keys(typed).some((name) => name !== "answer" && !same(typed[name], opened?.[name]));
}

/** What a draft answers, as the record would hold it; null: nothing new. */
export function answerOf(draft: Draft): Json {
  const said = draft.typed["answer"] as { text?: string; to?: string } | null | undefined;
  const text = said?.text?.trim().normalize("NFC");
  return text && !same(said as Json, draft.opened?.["answer"]) ? { text, to: said!.to! } : null;
}
