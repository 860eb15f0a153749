// What went, what waits, what was refused and why; how safe this phone is; signing out.
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { boot, book, open, tell } from "../app";
import { mending } from "../forms/begin";
import { RecordLine } from "../parts/line";
import { fieldLabel } from "../parts/record";
import { PicturesRefused, PicturesWaiting } from "../parts/photos";
import { Top } from "../parts/top";
import { typeName, titleOf } from "../records/show";
import type { LastTry } from "../store/book";
import { signOut } from "../store/session";
import { askToKeep, storageState, type Storage } from "../store/storage";
import { syncing } from "../sync/triggers";
import type { Waiting } from "../store/types";
import { faultSentence, sayNumber, sayTime, t } from "../words";
import { LastContact, onlyHere } from "./home";
import { Languages } from "./signin";

export function outcomeSentence(last: LastTry | null): string {
  switch (last?.outcome) {
    case "all_sent":
      return "";
    case "some_refused":
      return t("The centre refused some entries. They are kept here: see what it says.");
    case "offline":
      return t("No connection to the centre at {time}. It is tried again by itself.", { time: sayTime(last.at) });
    case "timeout":
      return t("The connection was too slow at {time}. Less is sent next time.", { time: sayTime(last.at) });
    case "not_us":
      return t("Something else answered in place of the centre (a login page?). Nothing was sent.");
    case "server_trouble":
      return t("The centre has trouble. Nothing of yours is lost; it is tried again.");
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
            {unsent.length > 0 && ` · ${t("about {size} kB to send", { size: sayNumber(Math.max(0.1, bytes / 5000), 1) })}`}
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
                    {typeName(each.change.type)} · {fieldsOfChange(each)} · {sayTime(each.savedAt)}
                  </small>
                </span>
              </p>
            ))}
          </section>
        )}
        <Safety />
        <Leaving leave={leave} unsent={unsent.length + refused.length} />
      </main>
    </div>
  );
}

function nameOfChange({ change }: Waiting): string {
  const record = book().get(change.record);
  return record ? titleOf(record) : typeName(change.type);
}

function fieldsOfChange({ change }: Waiting): string {
  if (change.set["deleted"] === true) return t("deleted");
  return Object.keys(change.set)
    .map((name) => fieldLabel(change.type, name))
    .join(", ");
}

function Refused({ waiting }: { waiting: Waiting }) {
  const [, go] = useLocation();
  const { change, refused } = waiting;
  const discard = async () => {
    await book().discardRefused(change.id);
    tell(t("Given up. The centre keeps a copy for the manager."));
  };
  return (
    <div class="refused" data-test="refused">
      <b>{nameOfChange(waiting)}</b>
      <p>{reasonSentence(waiting)}</p>
      <small>{fieldsOfChange(waiting)}</small>
      <div class="pair">
        <button type="button" data-test="mend" onClick={() => void mending(waiting).then(go)}>
          {t("Open and mend")}
        </button>
        <button type="button" onClick={() => void book().mendRefused(change.id, change.set)}>
          {t("Send once more")}
        </button>
        <button type="button" class="needs" onClick={() => void discard()} data-test="discard">
          {t("Give up")}
        </button>
      </div>
      {refused?.reason === "forbidden" && <p class="quiet">{t("Ask your manager for the right to this area, then send once more.")}</p>}
    </div>
  );
}

function reasonSentence({ change, refused }: Waiting): string {
  const field = refused?.detail.field ? fieldLabel(change.type, String(refused.detail.field).split(".")[0]!) : "";
  switch (refused?.reason) {
    case "forbidden":
      return refused.detail.code === "managers_alone"
        ? t("Only a manager may set “{field}”.", { field })
        : t("You have no right in the area of this record (any more).");
    case "too_large":
      return t("This entry is too large to send.");
    case "id_reused":
      return t("The centre has another entry under the same number. Send once more.");
    default:
      return `${field}: ${faultSentence(String(refused?.detail.code), (refused?.detail ?? {}) as Record<string, string>)}`;
  }
}

function Safety() {
  const [storage, setStorage] = useState<Storage | null>(null);
  const look = () => void storageState().then(setStorage);
  useEffect(look, []);
  if (!storage) return null;
  const free = storage.freeBytes === null ? null : storage.freeBytes / 1_000_000;
  return (
    <section>
      <h2>{t("This phone")}</h2>
      <p>
        {storage.persistent === true && t("The browser has promised to keep what is saved here.")}
        {storage.persistent === false && t("The browser may remove what is saved here when space runs low. Install the app, or send often.")}
        {storage.persistent === null && t("This browser does not say whether it keeps what is saved here. Send often.")}
      </p>
      {storage.persistent === false && (
        <button type="button" onClick={() => void askToKeep().then(look)}>
          {t("Ask the browser to keep it")}
        </button>
      )}
      {free !== null && (
        <p class={free < 50 ? "warning" : "quiet"}>{t("Free for Nương: {size} MB", { size: sayNumber(free, 0) })}</p>
      )}
      <p class="quiet">{t("Version {version}", { version: boot.version })}</p>
      <Languages />
    </section>
  );
}

function Leaving({ leave, unsent }: { leave: () => Promise<void>; unsent: number }) {
  const [asked, setAsked] = useState(false);
  const out = async () => {
    await signOut(boot.root, book().user);
    await leave();
  };
  return (
    <section>
      <h2>{t("Sign out")}</h2>
      {!asked ? (
        <button type="button" data-test="sign-out" onClick={() => setAsked(true)}>
          {t("Sign out")}…
        </button>
      ) : (
        <div class="notice alarm">
          <p>
            {unsent
              ? t("{count} entries have not reached the centre. They stay on this phone, closed to others, until you sign in here again.", { count: unsent })
              : t("Nothing is lost: everything has reached the centre.")}
          </p>
          <div class="pair">
            <button type="button" onClick={() => setAsked(false)}>
              {t("Stay")}
            </button>
            <button type="button" class="needs" data-test="sign-out-really" onClick={() => void out()}>
              {t("Sign out")}
            </button>
          </div>
        </div>
      )}
    </section>
  );
}
