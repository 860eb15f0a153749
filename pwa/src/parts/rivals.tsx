// Where two people disagree: both values side by side, who and when, what differs marked; one press settles it.
// Must never settle by itself.
import { useLocation } from "wouter-preact";
import { book, tell } from "../app";
import { right } from "../clock";
import { standAt } from "../forms/standing";
import { useMeasure } from "../map/area";
import { fieldsOf, type Field } from "../records/declarations";
import { showValue } from "../records/show";
import { editedAt } from "../store/overlay";
import type { Candidate, Shown } from "../store/types";
import { say, sayNumber, sayTime, t } from "../words";
import { nameById } from "./named";
import { ShapePicture } from "./shape";

/** Fields that two people filled differently, and changes of one's own that were refused. */
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
  const [, go] = useLocation();
  const field = fieldsOf(record.type)[name];
  const rivals = distinct(record.conflicts[name] ?? []);
  const settle = async (rival: Candidate) => {
    await book().settle(record, name, rival.value);
    tell(t("Settled. Saved on this phone"));
  };
  const third = () => {
    const form = `/edit/${record.type}/${record.id}`;
    standAt(form, `f-${name}`);
    go(form);
  };
  return (
    <fieldset class="rivals" data-test={`conflict-${name}`}>
      <legend>{t("Two people disagree: {field}", { field: say(field?.label) || name })}</legend>
      <p class="quiet">{t("Both values are kept. Which is right?")}</p>
      <div class="pair">
        {rivals.map((rival, place) => (
          <button key={rival.change} type="button" onClick={() => void settle(rival)}>
            <Value field={field} rival={rival} other={rivals[place ? 0 : 1]} />
            <small>{whoAndWhen(rival)}</small>
          </button>
        ))}
      </div>
      {distance(field, rivals) && <p class="quiet">{distance(field, rivals)}</p>}
      <button type="button" class="choice" data-test={`third-${name}`} onClick={third}>
        {t("Neither: type another value")}
      </button>
    </fieldset>
  );
}

export function whoAndWhen({ by, at, change }: Candidate): string {
  const who = book().person(by) || t("You");
  return `${who} · ${sayTime(at ? Date.parse(at) : right(editedAt(change)))}`;
}

/** A value, with what is not the same in the other one marked. */
function Value({ field, rival, other }: { field: Field | undefined; rival: Candidate; other: Candidate | undefined }) {
  const measure = useMeasure();
  if (field?.kind === "geometry" && rival.value) {
    const area = measure?.(rival.value) ?? null;
    return (
      <>
        <ShapePicture geometry={rival.value} label={showValue(field, rival.value, nameById)} />
        <b>{area === null ? showValue(field, rival.value, nameById) : `${sayNumber(area, 4)} ha`}</b>
      </>
    );
  }
  const [before, own, after] = apart(showValue(field, rival.value, nameById), other ? showValue(field, other.value, nameById) : "");
  return (
    <b>
      {before}
      {own && <mark>{own}</mark>}
      {after}
    </b>
  );
}

/** *text* in three: what it begins with as *other* does, its own middle, what it ends with as *other* does; by words. */
export function apart(text: string, other: string): [string, string, string] {
  const [one, two] = [text.split(/(?<=\s)/), other.split(/(?<=\s)/)];
  const least = Math.min(one.length, two.length);
  let head = 0;
  while (head < least && one[head] === two[head]) head += 1;
  let tail = 0;
  while (tail < least - head && one.at(-1 - tail) === two.at(-1 - tail)) tail += 1;
  const end = one.length - tail;
  return [one.slice(0, head).join(""), one.slice(head, end).join(""), one.slice(end).join("")];
}

/** How far two numbers are apart. */
function distance(field: Field | undefined, rivals: Candidate[]): string {
  const [one, two] = rivals.map((each) => each.value);
  if (rivals.length !== 2 || typeof one !== "number" || typeof two !== "number") return "";
  return t("They differ by {difference}.", { difference: showValue(field, Math.abs(one - two), nameById) });
}

function DeletedMeanwhile({ record }: { record: Shown }) {
  const by = record.conflicts["deleted"]?.at(-1);
  const settle = async (deleted: boolean) => {
    await book().settle(record, "deleted", deleted);
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
