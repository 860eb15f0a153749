// The bar on every screen: where you are, the way back, and the three counters that lead to the sync page, where somebody is signed in.
import type { ComponentChildren } from "preact";
import { book, open } from "../app";
import { back as goBack } from "../place";
import { t } from "../words";

/** *back*: where “back” leads when the app was opened here; else it leads to where one came from. */
export function Top({ title, under, back }: { title: string; under?: ComponentChildren; back?: string }) {
  return (
    <header class="top">
      {back !== undefined && (
        <button class="back" type="button" onClick={() => goBack(back)} aria-label={t("Back")}>
          ‹
        </button>
      )}
      <div class="where">
        <h1 tabIndex={-1}>{title}</h1>
        {under && <p class="under">{under}</p>}
      </div>
      {open.value && <Counters />}
    </header>
  );
}

/** How much waits for this person: what home lists as such, and the page that the number leads to. */
function needsOf(): number {
  const { waiting, pictures, shelf, revision } = book();
  void revision.value;
  const refused = waiting.value.filter((each) => each.refused).map((each) => each.change.record);
  const records = new Set([...shelf.needing().map((each) => each.id), ...refused]);
  return records.size + shelf.queried().length + pictures.value.refused;
}

function Counters() {
  const { waiting } = book().counts.value;
  const needs = needsOf();
  return (
    <a class="counters" href="#/sync" data-test="counters">
      {needs > 0 && (
        <span class="needs" title={t("Needs you")}>
          ▲<b data-test="needs-count">{needs}</b>
          <span class="hidden">{t("Needs you")}</span>
        </span>
      )}
      <span class={waiting ? "here" : "there"} title={t("Only on this phone")}>
        {waiting ? "○" : "●"}
        <b data-test="only-here-count">{waiting}</b>
        <span class="hidden">{t("Only on this phone")}</span>
      </span>
    </a>
  );
}
