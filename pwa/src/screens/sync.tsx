// What went, what waits, what was refused and why; how safe this phone is; signing out.
import { useMemo, useState } from "preact/hooks";
import { book, open } from "../app";
import { right } from "../clock";
import { latePart } from "../late";
import { RecordLine } from "../parts/line";
import { fieldLabel } from "../parts/named";
import { PicturesRefused, PicturesWaiting } from "../parts/photos";
import { fieldsOfChange, nameOfChange, Refused } from "../parts/refused";
import { SafetyCopy } from "../parts/safety";
import { Top } from "../parts/top";
import { typeName } from "../records/show";
import { practising } from "../practice/standing";
import type { Failure, Waiting } from "../store/types";
import { pack } from "../sync/packing";
import { syncing } from "../sync/triggers";
import { sayNumber, sayTime, t } from "../words";
import { LastContact, onlyHere, question } from "./home";

export function outcomeSentence(last: Failure | null): string {
  switch (last?.outcome) {
    case "all_sent":
      return "";
    case "some_refused":
      return t("The centre refused some entries. They are kept here: see what it says.");
    case "offline":
      return t("No connection to the centre ({time}). It is tried again by itself.", { time: sayTime(right(last.at)) });
    case "timeout":
      return t("The connection was too slow ({time}). Less is sent next time.", { time: sayTime(right(last.at)) });
    case "not_us":
      return t("Something else answered in place of the centre (a login page?). Nothing was sent. Sign in to that network in the browser, or use mobile data.");
    case "server_trouble":
      return t("The centre has trouble. Nothing of yours is lost; it is tried again by itself. If it lasts a day, tell your manager.");
    case "no_room":
      return t("The phone has no room for what the centre said. Nothing was changed or lost: free some space, then send again.");
    case "signed_out":
      return t("The centre asks you to sign in again.");
    case "refused":
      return t("The centre could not read what was sent. Nothing is lost: update the app, then send again. Show this to your manager: {detail}", {
        detail: last.detail ?? "",
      });
    case "broken":
      return t("Sending stopped by an error of the app. Nothing is lost: close Nương, open it, and send again. Show this to your manager: {detail}", {
        detail: last.detail ?? "",
      });
    default:
      return "";
  }
}

const ThisPhone = latePart(async () => (await import("../parts/thisphone")).ThisPhone);
const Leaving = latePart(async () => (await import("../parts/leaving")).Leaving);
const Went = latePart(async () => (await import("../parts/went")).Went);

const FIRST = 50;

export function SyncPage({ leave }: { leave: () => Promise<void> }) {
  const [most, setMost] = useState(FIRST);
  const { waiting, lastTry, pictures } = book();
  void book().revision.value;
  const unsent = waiting.value.filter((each) => !each.refused);
  const refused = waiting.value.filter((each) => each.refused);
  const conflicts = book()
    .needing()
    .filter((each) => Object.keys(each.conflicts).length);
  const queried = book().shelf.queried();
  const bytes = useMemo(() => sizeOf(unsent), [waiting.value]);
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
          </p>
          <button class="do" type="button" data-test="sync-now" disabled={syncing.value} onClick={() => void open.value?.triggers.now()}>
            {syncing.value ? t("Talking to the centre…") : t("Send now")}
          </button>
          <p role="status" data-test="last-try">
            {!syncing.value && outcomeSentence(lastTry.value)}
          </p>
          <LastFailure />
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
        {queried.length > 0 && (
          <section data-test="asked-here">
            <h2>{t("The manager asks")}</h2>
            {queried.map((each) => (
              <RecordLine key={each.id} record={each} under={question(each)} />
            ))}
          </section>
        )}
        {unsent.length > 0 && (
          <section data-test="goes-next">
            <h2>{t("Goes with the next sending")}</h2>
            <p class="quiet" data-test="size">
              {t("{count} entries, {size} kB", { count: sayNumber(unsent.length), size: sayNumber(Math.max(0.1, bytes / 1000), 1) })}
              {pictures.value.waiting > 0 &&
                ` · ${afterwards(pictures.value.waiting, pictures.value.waitingBytes)}`}
            </p>
            {unsent.slice(0, most).map((each) => (
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
            {unsent.length > most && (
              <button type="button" class="wide" onClick={() => setMost(most * 5)}>
                {t("Show more")}
              </button>
            )}
          </section>
        )}
        <Went />
        {!practising.value && <SafetyCopy />}
        <ThisPhone />
        {!practising.value && <Leaving leave={leave} />}
      </main>
    </div>
  );
}

/** What the entries weigh on the wire: packed as they will be. */
function sizeOf(unsent: Waiting[]): number {
  if (!unsent.length) return 0;
  const text = JSON.stringify(unsent.map((each) => each.change));
  return pack(text)?.length ?? text.length;
}

function afterwards(count: number, bytes: number): string {
  return t("then {count} pictures, {size} MB", { count, size: sayNumber(bytes / 1_000_000, 1) });
}

/** The last try that failed, where one got through since: whoever wonders about yesterday finds it here. */
function LastFailure() {
  const last = book().lastTry.value;
  const failed = last?.failed;
  if (!failed || failed.at === last.at) return null;
  return (
    <p class="quiet" data-test="last-failure">
      {t("Last trouble, {time}:", { time: sayTime(right(failed.at)) })} {outcomeSentence(failed)}
    </p>
  );
}
