// What the pages of records share: details, conflicts with both values, what is missing, what was deleted.
import { useLocation } from "wouter-preact";
import { book, tell } from "../app";
import { right } from "../clock";
import { fieldsOf } from "../records/declarations";
import { checkState } from "../records/check";
import { showValue, titleOf } from "../records/show";
import { editedAt } from "../store/overlay";
import type { Candidate, Shown } from "../store/types";
import { faultSentence, localDay, say, sayTime, t } from "../words";
import { Top } from "./top";

const nameById = (id: string) => {
  const found = book().meant(id);
  return found ? titleOf(found) : book().areas.value[id]?.name || book().person(id) || t("not here yet");
};

export function fieldLabel(type: string, name: string): string {
  return say(fieldsOf(type)[name]?.label) || name;
}

export function Details({ record, opened = false }: { record: Shown; opened?: boolean }) {
  const [, go] = useLocation();
  const fields = fieldsOf(record.type);
  const known = Object.entries(fields).filter(([name, field]) => name in record.fields && !field.hidden);
  // From a newer app: kept, handed on, and shown as they are.
  const strange = Object.keys(record.fields).filter((name) => !(name in fields));
  const checks = checkState(record.type, record.fields, localDay());
  const remove = async () => {
    await book().remove(record.id);
    tell(t("Deleted on this phone"), () => book().restore(record.id));
    go("/find");
  };
  return (
    <details class="details" open={opened}>
      <summary>{t("All details")}</summary>
      {checks.map((each) => (
        <p class="warning" key={each.path + each.code}>
          {fieldLabel(record.type, each.path)}: {faultSentence(each.code, labelled(record.type, each.params))}
        </p>
      ))}
      <dl>
        {known.map(([name, field]) => (
          <div key={name}>
            <dt>{say(field.label)}</dt>
            <dd data-test={`value-${name}`}>{showValue(field, record.fields[name], nameById)}</dd>
          </div>
        ))}
        {strange.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{showValue(undefined, record.fields[name], nameById)}</dd>
          </div>
        ))}
        <div>
          <dt>{t("Last change")}</dt>
          <dd>{sayTime(record.touchedAt)}</dd>
        </div>
      </dl>
      {(record.type === "farmer" || record.type === "plot") && (
        <button type="button" class="needs" data-test="delete" onClick={() => void remove()}>
          {t("Delete")}
        </button>
      )}
    </details>
  );
}

export function labelled(type: string, params: Record<string, string | number>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, key === "one" || key === "other" ? fieldLabel(type, String(value)) : value]),
  );
}

/** Fields that two people filled differently: both values, who and when; one press settles it. */
export function Conflicts({ record }: { record: Shown }) {
  const names = Object.keys(record.conflicts);
  const refused = book().waiting.value.filter((each) => each.refused && each.change.record === record.id);
  if (!names.length && !refused.length) return null;
  return (
    <section class="conflicts" data-test="conflicts">
      {refused.length > 0 && (
        <p class="warning">
          {t("A change of yours to this record was refused.")} <a href="#/sync">{t("See why")}</a>
        </p>
      )}
      {names.map((name) =>
        name === "deleted" ? <DeletedMeanwhile key={name} record={record} /> : <Rivals key={name} record={record} name={name} />,
      )}
    </section>
  );
}

function Rivals({ record, name }: { record: Shown; name: string }) {
  const field = fieldsOf(record.type)[name];
  const rivals = distinct(record.conflicts[name] ?? []);
  const choose = async (rival: Candidate) => {
    await book().settle(record.id, name, rival.value);
    tell(t("Settled. Saved on this phone"));
  };
  return (
    <fieldset class="rivals" data-test={`conflict-${name}`}>
      <legend>{t("Two people disagree: {field}", { field: say(field?.label) || name })}</legend>
      <p class="quiet">{t("Both values are kept. Which is right?")}</p>
      <div class="pair">
        {rivals.map((rival) => (
          <button key={rival.change} type="button" onClick={() => void choose(rival)}>
            <b>{showValue(field, rival.value, nameById)}</b>
            <small>
              {book().person(rival.by) || t("You")} · {sayTime(rival.at ? Date.parse(rival.at) : right(editedAt(rival.change)))}
            </small>
          </button>
        ))}
      </div>
      <a href={`#/edit/${record.type}/${record.id}`}>{t("Neither: type another value")}</a>
    </fieldset>
  );
}

function DeletedMeanwhile({ record }: { record: Shown }) {
  const by = record.conflicts["deleted"]?.at(-1);
  const settle = async (deleted: boolean) => {
    await book().settle(record.id, "deleted", deleted);
    tell(t("Settled. Saved on this phone"));
  };
  return (
    <fieldset class="rivals" data-test="conflict-deleted">
      <legend>{t("Deleted by one person, changed by another")}</legend>
      <p class="quiet">
        {t("{person} deleted this while somebody else changed it. It was kept.", { person: book().person(by?.by) || t("Somebody") })}
      </p>
      <div class="pair">
        <button type="button" onClick={() => void settle(false)}>
          <b>{t("Keep it")}</b>
        </button>
        <button type="button" class="needs" onClick={() => void settle(true)}>
          <b>{t("Delete it")}</b>
        </button>
      </div>
    </fieldset>
  );
}

/** One of each value: the same typed twice is one choice. */
function distinct(rivals: Candidate[]): Candidate[] {
  const seen = new Map(rivals.map((each) => [JSON.stringify(each.value), each]));
  return [...seen.values()];
}

export function Missing() {
  return (
    <div class="screen">
      <Top title={t("Not on this phone")} back="/" />
      <main>
        <p class="empty">{t("This record is not on this phone: it has not arrived yet, or it belongs to an area that is not yours.")}</p>
      </main>
    </div>
  );
}

export function Removed({ record }: { record: Shown }) {
  const [, go] = useLocation();
  return (
    <div class="screen">
      <Top title={t("Deleted")} back="/" />
      <main>
        <p class="empty">{t("This record was deleted. It can be brought back.")}</p>
        <Conflicts record={record} />
      </main>
      <footer class="actions">
        <button class="do" type="button" onClick={() => void book().restore(record.id).then(() => go("/"))}>
          {t("Bring it back")}
        </button>
      </footer>
    </div>
  );
}
