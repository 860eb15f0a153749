// What went, what waits, what was refused and why; how safe this phone is; signing out.
import { book, open } from "../app";
import { right } from "../clock";
import { Leaving } from "../parts/leaving";
import { RecordLine } from "../parts/line";
import { ThisPhone } from "../parts/phone";
import { fieldLabel } from "../parts/named";
import { PicturesRefused, PicturesWaiting } from "../parts/photos";
import { fieldsOfChange, nameOfChange, Refused } from "../parts/refused";
import { SafetyCopy } from "../parts/safety";
import { Top } from "../parts/top";
import { typeName } from "../records/show";
import type { LastTry } from "../store/book";
import { syncing } from "../sync/triggers";
import { sayNumber, sayTime, t } from "../words";
import { LastContact, onlyHere } from "./home";

export function outcomeSentence(last: LastTry | null): string {
  switch (last?.outcome) {
    case "all_sent":
      return "";
    case "some_refused":
      return t("The centre refused some entries. They are kept here: see what it says.");
    case "offline":
      return t("No connection to the centre at {time}. It is tried again by itself.", { time: sayTime(right(last.at)) });
    case "timeout":
      return t("The connection was too slow at {time}. Less is sent next time.", { time: sayTime(right(last.at)) });
    case "not_us":
      return t("Something else answered in place of the centre (a login page?). Nothing was sent.");
    case "server_trouble":
      return t("The centre has trouble. Nothing of yours is lost; it is tried again.");
    case "no_room":
      return t("The phone has no room for what the centre said. Nothing was changed or lost: free some space, then send again.");
    case "signed_out":
      return t("The centre asks you to sign in again.");
    case "refused":
      return t("The centre could not read what was sent: {detail}", { detail: last.detail ?? "" });
    case "broken":
      return t("Sending stopped: {detail}", { detail: last.detail ?? "" });
    default:
      return "";
  }
}

export function SyncPage({ leave }: { leave: () => Promise<void> }) {
  const { waiting, lastTry, pictures } = book();
  void book().revision.value;
  const unsent = waiting.value.filter((each) => !each.refused);
  const refused = waiting.value.filter((each) => each.refused);
  const conflicts = book()
    .needing()
    .filter((each) => Object.keys(each.conflicts).length);
  const bytes = unsent.reduce((sum, each) => sum + JSON.stringify(each.change).length, 0);
  return (
    <div class="screen">
      <Top title={t("Sending")} back="/" />
      <main>
        <section class="contact">
          <p class="large">
            {onlyHere(unsent.length)}
          </p>
          <PicturesWaiting />
          <p class="quiet">
            <LastContact />
            {unsent.length > 0 && " · "}
            {unsent.length > 0 && t("about {size} kB to send", { size: sayNumber(Math.max(0.1, bytes / 5000), 1) })}
          </p>
          <button class="do" type="button" data-test="sync-now" disabled={syncing.value} onClick={() => void open.value?.triggers.now()}>
            {syncing.value ? t("Talking to the centre…") : t("Send now")}
          </button>
          <p role="status" data-test="last-try">
            {!syncing.value && outcomeSentence(lastTry.value)}
          </p>
        </section>
        {refused.length + pictures.value.refused > 0 && (
          <section>
            <h2>{t("Refused: needs you")}</h2>
            <PicturesRefused />
            {refused.map((each) => (
              <Refused key={each.change.id} waiting={each} />
            ))}
          </section>
        )}
        {conflicts.length > 0 && (
          <section>
            <h2>{t("Two people disagree")}</h2>
            {conflicts.map((each) => (
              <RecordLine key={each.id} record={each} under={Object.keys(each.conflicts).map((name) => fieldLabel(each.type, name)).join(", ")} />
            ))}
          </section>
        )}
        {unsent.length > 0 && (
          <section>
            <h2>{t("Waits to be sent")}</h2>
            {unsent.map((each) => (
              <p class="line" key={each.change.id} data-test="waiting">
                <span class="state here" aria-hidden="true">
                  ○
                </span>
                <span class="what">
                  <b>{nameOfChange(each)}</b>
                  <small>
                    {typeName(each.change.type)} · {fieldsOfChange(each)} · {sayTime(right(each.savedAt))}
                  </small>
                </span>
              </p>
            ))}
          </section>
        )}
        <SafetyCopy />
        <ThisPhone />
        <Leaving leave={leave} />
      </main>
    </div>
  );
}
