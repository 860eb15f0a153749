// Home: what is only here, what there is to do, what needs a person; then where to go. Each part stands in room that is kept
// for it, so that nothing moves under a thumb.
import { useState } from "preact/hooks";
import { book, open } from "../app";
import { right } from "../clock";
import { newRecord } from "../forms/begin";
import { RecordLine, underOf } from "../parts/line";
import { Lost } from "../parts/lost";
import { fieldLabel } from "../parts/named";
import { Dangers } from "../parts/phone";
import { PicturesWaiting } from "../parts/photos";
import { Top } from "../parts/top";
import { Welcome } from "../parts/welcome";
import { go } from "../place";
import { queryOf } from "../records/query";
import { titleOf, typeName } from "../records/show";
import type { Draft, Json, Shown } from "../store/types";
import { syncing } from "../sync/triggers";
import { localDay, sayDay, sayNumber, sayTime, t } from "../words";
import { outcomeSentence } from "./sync";
import { isDue, recent, tasks } from "./today";

const AT_ONCE = 6;

export function Home() {
  return (
    <div class="screen home">
      <Top title="Nương" />
      <main>
        <div class="side">
          <Contact />
          <Lost />
          <Today />
          <Dangers />
          <Welcome />
        </div>
        <div class="side">
          <Ways />
          <Recent />
        </div>
      </main>
      <footer class="actions">
        <button type="button" data-test="map-of-all" onClick={() => go("/map")}>
          {t("Map")}
        </button>
        <button type="button" data-test="new-farmer" onClick={() => void newRecord("farmer").then(go)}>
          {t("New farmer")}
        </button>
        <button class="do" type="button" data-test="new" onClick={() => go("/new")}>
          {t("New entry")} +
        </button>
      </footer>
    </div>
  );
}

/** What is saved only here, and how it stands with the centre. */
function Contact() {
  const { counts, lastTry, reading } = book();
  const how = outcomeSentence(lastTry.value);
  return (
    <section class="contact" data-test="contact">
      <p class="large" data-test="only-here">
        {onlyHere(counts.value.waiting)}
      </p>
      <PicturesWaiting />
      <p class="quiet">
        <LastContact /> · {t("At the centre: {count} records", { count: sayNumber(counts.value.atCentre) })}
      </p>
      <button class="do" type="button" data-test="sync-now" disabled={syncing.value} onClick={() => void open.value?.triggers.now()}>
        <span class={syncing.value ? "" : "room"}>{t("Talking to the centre…")}</span>
        <span class={syncing.value ? "room" : ""}>{t("Send now")}</span>
      </button>
      <div class="how">
        <StillReading />
        <p class="quiet" role="status" data-test="last-try">
          {!syncing.value && how}
        </p>
        {syncing.value && how && <p class="room">{how}</p>}
        {!how && !reading.value && <p class="quiet">{t("The phone sends by itself when it finds a signal.")}</p>}
      </div>
    </section>
  );
}

function StillReading() {
  const { counts, reading, left } = book();
  if (!reading.value) return null;
  return (
    <p class="here" data-test="still-reading">
      {left.value
        ? t("{got} of about {all} records have arrived, {left} are still to come. You can work meanwhile.", {
            got: sayNumber(counts.value.atCentre),
            all: sayNumber(counts.value.atCentre + left.value),
            left: sayNumber(left.value),
          })
        : t("Still reading what the centre has. You can work meanwhile.")}
    </p>
  );
}

/** What needs a person first, then what the manager asks, what is due today, what is half-written, and what is due later. */
function Today() {
  const [all, setAll] = useState(false);
  // A part that looks at any signal is drawn anew by its own signals alone, whatever is drawn around it.
  void book().revision.value;
  const open = tasks(book());
  const task = (each: Shown) => <RecordLine key={each.id} record={each} under={[untilWhen(each.fields["due"]), underOf(each)].filter(Boolean).join(" · ")} />;
  const lines = [
    ...book().needing().map((each) => <RecordLine key={each.id} record={each} under={[needOf(each), whose(each)].filter(Boolean).join(" · ")} />),
    ...book().shelf.queried().map((each) => <RecordLine key={`?${each.id}`} record={each} under={question(each)} />),
    ...open.filter(isDue).map(task),
    ...book().drafts.value.map((each) => <DraftLine key={each.key} draft={each} />),
    ...open.filter((each) => !isDue(each)).map(task),
  ];
  return (
    <section data-test="today">
      <h2>{t("Today")}</h2>
      {all ? lines : lines.slice(0, AT_ONCE)}
      {lines.length > AT_ONCE && !all && (
        <button type="button" class="wide" onClick={() => setAll(true)}>
          {t("All {count}", { count: lines.length })}
        </button>
      )}
      {!lines.length && <p class="empty">{t("No task, no question and no draft waits for you.")}</p>}
    </section>
  );
}

/** Why a record needs a person. */
function needOf(record: Shown): string {
  const fields = Object.keys(record.conflicts);
  if (!fields.length) return t("The centre refused it");
  if (fields.includes("deleted")) return t("Deleted by one person, changed by another");
  return t("Two people disagree: {field}", { field: fields.map((name) => fieldLabel(record.type, name)).join(", ") });
}

/** The farmer of a plot, the plot of an entry. */
function whose({ fields }: Shown): string {
  const about = book().meant(fields["farmer"] ?? fields["plot"] ?? fields["of"]);
  return about ? titleOf(about) : "";
}

export function question(record: Shown): string {
  const note = queryOf(record)?.note;
  return note ? t("The manager asks: {question}", { question: note }) : t("The manager asks");
}

function DraftLine({ draft }: { draft: Draft }) {
  const about = book().meant(draft.typed["plot"] ?? draft.typed["farmer"])?.fields["name"];
  const name = String(draft.typed["name"] ?? "");
  return (
    <a class="line" href={`#/edit/${draft.type}/${draft.record}`} data-test="draft">
      <span class="state here" aria-hidden="true">
        ✎
      </span>
      <span class="what">
        <b>{[name || typeName(draft.type), about].filter(Boolean).join(" · ")}</b>
        <small>
          {t("Not finished")} · {sayTime(right(draft.changedAt))}
        </small>
      </span>
    </a>
  );
}

function Ways() {
  return (
    <nav class="ways" aria-label={t("Find")}>
      <a class="way search-way" href="#/find" data-test="find">
        {t("Find a farmer, a plot, a village")}
      </a>
      <div class="row">
        <a class="way" href="#/find?order=recent">
          {t("Recent")}
        </a>
        <a class="way" href="#/find?order=near" data-test="near">
          {t("Near me")}
        </a>
        <a class="way" href="#/help" data-test="help">
          {t("Help")}
        </a>
      </div>
    </nav>
  );
}

function Recent() {
  void book().revision.value;
  const found = recent(book());
  return (
    <section data-test="recent">
      <h2>{t("Where you were last")}</h2>
      {found.map((each) => (
        <RecordLine key={each.id} record={each} under={underOf(each)} />
      ))}
      {!found.length && <p class="empty">{t("Farmers and plots that you open stand here.")}</p>}
    </section>
  );
}

/** What has not reached the centre, in words: records first, since pictures go after them. */
export function onlyHere(waiting: number): string {
  if (waiting) return t("{count} entries are only on this phone", { count: sayNumber(waiting) });
  if (book().reading.value) return t("Nothing waits to be sent");
  return book().pictures.value.waiting ? t("All entries have reached the centre") : t("Everything has reached the centre");
}

function untilWhen(due: Json | undefined): string | undefined {
  if (typeof due !== "string") return undefined;
  const day = sayDay(due);
  return due < localDay() ? t("late: {day}", { day }) : t("until {day}", { day });
}

export function LastContact() {
  const at = book().lastContact.value;
  return (
    <span data-test="last-contact">
      {at ? t("Last heard from the centre: {time}", { time: sayTime(right(at)) }) : t("Not heard from the centre yet")}
    </span>
  );
}
