// What this phone knows of how a record came to be: who, when, which field, and how far each change has come.
// Must never guess: of others' changes the phone knows the newest of each field, and their names only in a conflict.
import { useEffect, useState } from "preact/hooks";
import { book } from "../app";
import { right } from "../clock";
import { fieldsOf } from "../records/declarations";
import { reviewOf } from "../records/query";
import { showValue } from "../records/show";
import { editedAt } from "../store/overlay";
import type { Change, Fields, Id, Shown, State } from "../store/types";
import { nameOf, sayTime, t } from "../words";
import { fieldLabel, nameById } from "./named";
import { StateMark, type Stand } from "./state";

interface Step {
  change: Id;
  set: Fields;
  who: string;
  at: number;
  stand: Stand;
}

export function History({ record }: { record: Shown }) {
  const [opened, setOpened] = useState(false);
  const [sent, setSent] = useState<Change[]>([]);
  const revision = book().revision.value;
  useEffect(() => {
    if (opened) void sentOf(record.id).then(setSent);
  }, [opened, record.id, revision]);
  return (
    <details class="past" onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary data-test="history">{t("History")}</summary>
      {opened && (
        <ol class="history">
          {stepsOf(record, sent).map((each) => (
            <li key={each.change} data-test="step">
              <p>
                <b>{each.who}</b> · {sayTime(each.at)}
              </p>
              {saidIn(record.type, each.set).map((said) => (
                <p key={said}>{said}</p>
              ))}
              <StateMark state={each.stand as State} word />
            </li>
          ))}
        </ol>
      )}
      {opened && <p class="quiet">{t("This phone keeps what it sent itself for 30 days; the centre keeps all of it.")}</p>}
    </details>
  );
}

async function sentOf(record: Id): Promise<Change[]> {
  const all = await book().database.getAll("sent");
  // What a manager mended never counted as it was: the mended change stands there under the manager's name.
  return all.filter((each) => !each.mended && each.change.record === record).map((each) => each.change);
}

/** Every change of a record that is known here, the newest first. */
export function stepsOf(record: Shown, sent: Change[]): Step[] {
  const seen = new Set(reviewOf(record)?.seen ?? []);
  const steps = new Map<Id, Step>();
  const put = (change: Id, set: Fields, who: string, at: number, stand: Stand) => {
    const known = steps.get(change);
    if (known) Object.assign(known.set, set);
    else steps.set(change, { change, set: { ...set }, who, at, stand: stand === "there" && seen.has(change) ? "seen" : stand });
  };
  for (const each of sent) put(each.id, each.set, t("You"), right(editedAt(each.id)), "there");
  for (const { change, refused } of book().waiting.value)
    if (change.record === record.id) put(change.id, change.set, t("You"), right(editedAt(change.id)), refused ? "attention" : record.state === "going" ? "going" : "here");
  for (const [name, rivals] of Object.entries(record.conflicts))
    for (const { change, value, by, at } of rivals) put(change, { [name]: value }, book().person(by) || t("You"), at ? Date.parse(at) : right(editedAt(change)), "there");
  for (const [name, ids] of Object.entries(record.heads))
    for (const id of ids) put(id, { [name]: name === "deleted" ? record.deleted : (record.fields[name] ?? null) }, whoElse(name), editedAt(id), "there");
  return [...steps.values()].sort((one, other) => other.at - one.at);
}

function whoElse(name: string): string {
  return name === "review" ? t("Manager") : t("On another phone, or over 30 days ago");
}

/** What a change says, field by field. */
function saidIn(type: string, set: Fields): string[] {
  const fields = fieldsOf(type);
  return Object.entries(set)
    .filter(([name]) => !fields[name]?.hidden)
    .map(([name, value]) => {
      if (name === "deleted") return value ? t("deleted") : t("brought back");
      if (name === "review") return [nameOf("review", (value as { state?: string } | null)?.state), (value as { note?: string } | null)?.note].filter(Boolean).join(": ");
      return `${fieldLabel(type, name)}: ${showValue(fields[name], value, nameById)}`;
    });
}
