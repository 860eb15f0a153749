// What the manager asks about a record, and the answer to it, in place. What is typed is a draft of the record's form.
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { book, tell } from "../app";
import { answerOf, holdsMore, withAnswer } from "../forms/answer";
import { correction } from "../forms/begin";
import { fitted } from "../forms/fit";
import { useKeeper } from "../forms/keeper";
import { standAt } from "../forms/standing";
import type { Query } from "../records/query";
import { editedAt } from "../store/overlay";
import type { Draft, Json, Shown } from "../store/types";
import { sayTime, t } from "../words";
import { fieldLabel } from "./named";

export function Queried({ record, query }: { record: Shown; query: Query }) {
  const kept = book().draft(`${record.type}/${record.id}`);
  return (
    <section class={query.isOpen ? "rivals" : "answered"} data-test="review">
      <Asked type={record.type} query={query} />
      {query.answer && (
        <p data-test="answer">
          <b>{t("Answered")}</b>: {query.answer}
        </p>
      )}
      {!query.isOpen && (
        <p class={record.state === "there" ? "there" : "quiet"} data-test="answer-goes">
          {record.state === "there" ? <>● {t("It is at the centre. The manager looks at it again.")}</> : t("The manager sees it with what you send, and looks again.")}
        </p>
      )}
      {query.isOpen && <Answer record={record} query={query} kept={(kept && fitted(kept)) ?? correction(record.id, record.type)!} />}
    </section>
  );
}

/** The question itself: when, what, about which fields. */
export function Asked({ type, query }: { type: string; query: Query }) {
  return (
    <>
      <p class={query.isOpen ? "needs" : ""}>
        <b>{query.isOpen ? <>▲ {t("The manager asks")}</> : t("The manager asked")}</b> <small>{sayTime(editedAt(query.change))}</small>
      </p>
      {query.note && <p class="asked">{query.note}</p>}
      {query.fields.length > 0 && <p class="quiet">{t("About: {fields}", { fields: query.fields.map((name) => fieldLabel(type, name)).join(", ") })}</p>}
    </>
  );
}

function Answer({ record, query, kept }: { record: Shown; query: Query; kept: Draft }) {
  const [, go] = useLocation();
  const [draft, setDraft] = useState(kept);
  const keeper = useKeeper(draft, kept);
  const form = `/edit/${record.type}/${record.id}`;
  const correct = () => {
    if (query.fields[0]) standAt(form, `f-${query.fields[0]}`);
    go(form);
  };
  const isForm = holdsMore(draft);
  const save = async () => {
    keeper.done();
    try {
      const { type, area, over, opened } = draft;
      await book().save({ type, area, record: record.id, set: { answer: answerOf(draft) }, over, opened, form: { draft, own: keeper.own } });
      tell(t("Answer saved on this phone"));
    } catch (error) {
      keeper.resume();
      tell(t("This could not be saved: the phone has no room left ({reason}). Free some space and press again; the form stays.", { reason: (error as Error).name }));
    }
  };
  return (
    <>
      {!isForm && <AnswerField draft={draft} query={query} onType={(answer) => setDraft((now) => withAnswer(now, answer))} />}
      <div class="pair">
        {!isForm && (
          <button type="button" class="do" data-test="save-answer" disabled={!answerOf(draft)} onClick={() => void save()}>
            {t("Save the answer")}
          </button>
        )}
        <button type="button" data-test="correct-queried" onClick={correct}>
          {isForm ? t("Go on with the correction") : t("Correct it")}
        </button>
      </div>
    </>
  );
}

/** Where the answer is typed: on the record's page, and in its form. */
export function AnswerField({ draft, query, onType }: { draft: Draft; query: Query; onType(answer: Json): void }) {
  const said = draft.typed["answer"] as { text?: string; to?: string } | null | undefined;
  // What was typed before the manager asked once more stands here too: nobody else has seen it.
  const isTyped = said?.to === query.change || !!answerOf(draft);
  return (
    <div class="field">
      <label for="f-answer">{t("Your answer")}</label>
      <textarea
        id="f-answer"
        data-test="field-answer"
        rows={2}
        maxLength={2000}
        value={isTyped ? (said?.text ?? "") : ""}
        onInput={(event) => onType({ text: event.currentTarget.value, to: query.change })}
      />
    </div>
  );
}
