// Home: what is only here, when the centre was last heard from, what needs a person, what is half-written, where to go.
import { useLocation } from "wouter-preact";
import { book, open } from "../app";
import { right } from "../clock";
import { RecordLine } from "../parts/line";
import { Lost } from "../parts/lost";
import { Dangers } from "../parts/phone";
import { PicturesWaiting } from "../parts/photos";
import { Top } from "../parts/top";
import { Welcome } from "../parts/welcome";
import { typeName } from "../records/show";
import { newRecord } from "../forms/begin";
import { syncing } from "../sync/triggers";
import type { Json } from "../store/types";
import { localDay, sayDay, sayNumber, sayTime, t } from "../words";
import { outcomeSentence } from "./sync";

export function Home() {
  const [, go] = useLocation();
  const { counts, drafts, revision, reading, left } = book();
  void revision.value;
  const { waiting, atCentre } = counts.value;
  const needing = book().needing();
  const tasks = book()
    .all("task")
    .filter((each) => !(each.fields["done"] as { done?: boolean } | undefined)?.done)
    .sort((one, other) => String(one.fields["due"] ?? "9").localeCompare(String(other.fields["due"] ?? "9")));
  const queried = ["farmer", "plot", "harvest", "observation", "activity"]
    .flatMap((type) => book().all(type))
    .filter((each) => (each.fields["review"] as { state?: string } | undefined)?.state === "queried");
  return (
    <div class="screen">
      <Top title="Nương" />
      <main>
        <section class="contact" data-test="contact">
          <p class="large" data-test="only-here">
            {onlyHere(waiting)}
          </p>
          <PicturesWaiting />
          <p class="quiet">
            {t("At the centre: {count} records", { count: atCentre })} · <LastContact />
          </p>
          {reading.value && (
            <p class="here" data-test="still-reading">
              {left.value
                ? t("{got} of about {all} records have arrived, {left} are still to come. You can work meanwhile.", {
                    got: sayNumber(atCentre),
                    all: sayNumber(atCentre + left.value),
                    left: sayNumber(left.value),
                  })
                : t("Still reading what the centre has. You can work meanwhile.")}
            </p>
          )}
          <button
            class="do"
            type="button"
            data-test="sync-now"
            disabled={syncing.value}
            onClick={() => void open.value?.triggers.now()}
          >
            {syncing.value ? t("Talking to the centre…") : t("Send now")}
          </button>
          <p class="quiet" role="status" data-test="last-try">
            {!syncing.value && outcomeSentence(book().lastTry.value)}
          </p>
        </section>

        <Lost />
        <Dangers />
        <Welcome />
        {needing.length > 0 && (
          <section>
            <h2>{t("Needs you")}</h2>
            {needing.slice(0, 5).map((each) => (
              <RecordLine key={each.id} record={each} />
            ))}
            {needing.length > 5 && <a href="#/sync">{t("All {count}", { count: needing.length })}</a>}
          </section>
        )}
        {queried.length > 0 && (
          <section>
            <h2>{t("The manager asks")}</h2>
            {queried.map((each) => (
              <RecordLine key={each.id} record={each} under={(each.fields["review"] as { note?: string }).note} />
            ))}
          </section>
        )}
        {drafts.value.length > 0 && (
          <section>
            <h2>{t("Not finished")}</h2>
            {drafts.value.map((draft) => (
              <a key={draft.key} class="line" href={`#/edit/${draft.type}/${draft.record}`} data-test="draft">
                <span aria-hidden="true">✎</span>
                <span class="what">
                  <b>{String(draft.typed["name"] ?? "") || typeName(draft.type)}</b>
                  <small>{sayTime(right(draft.changedAt))}</small>
                </span>
              </a>
            ))}
          </section>
        )}
        {tasks.length > 0 && (
          <section>
            <h2>{t("To do")}</h2>
            {tasks.slice(0, 5).map((each) => (
              <RecordLine
                key={each.id}
                record={each}
                under={untilWhen(each.fields["due"])}
              />
            ))}
          </section>
        )}
        <nav class="ways" aria-label={t("Find")}>
          <a class="way" href="#/find" data-test="find">
            <b>{t("Find a farmer or a plot")}</b>
            <small>
              {t("{farmers} farmers, {plots} plots on this phone", {
                farmers: book().all("farmer").length,
                plots: book().all("plot").length,
              })}
            </small>
          </a>
          <a class="way" href="#/help" data-test="help">
            <b>{t("Help")}</b>
            <small>{t("How to record, the signs, the tour, practising")}</small>
          </a>
        </nav>
      </main>
      <footer class="actions">
        <button type="button" onClick={() => go("/find")}>
          {t("Find")}
        </button>
        <button class="do" type="button" data-test="new-farmer" onClick={() => void newRecord("farmer").then(go)}>
          {t("New farmer")} +
        </button>
      </footer>
    </div>
  );
}

/** What has not reached the centre, in words: records first, since pictures go after them. */
export function onlyHere(waiting: number): string {
  if (waiting) return t("{count} entries are only on this phone", { count: waiting });
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
