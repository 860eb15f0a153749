// How safe this phone is: whether the browser keeps what is here, how much room is left, whether the clock is right.
import { useState } from "preact/hooks";
import { boot, book, storage } from "../app";
import { sendsInBackground } from "../browser";
import { behind, isWrong } from "../clock";
import { late } from "../late";
import { practising } from "../practice/standing";
import { askToKeep, isLow, storageState } from "../store/storage";
import { Languages } from "../screens/signin";
import { sayNumber, t } from "../words";
import { WriteCopy } from "./safety";

const megabytes = (bytes: number) => sayNumber(bytes / 1_000_000, 0);

const Room = late(async () => (await import("./room")).Room);
const Install = late(async () => (await import("./install")).Install);

export function ThisPhone() {
  return (
    <section data-test="this-phone">
      <h2>{t("This phone")}</h2>
      {!practising.value && <Keeping />}
      <Room />
      <Install />
      <Clock />
      <p class="quiet">
        {!sendsInBackground && t("This browser sends only while Nương is open.")} {t("Version {version}", { version: boot.version })}
      </p>
      <a class="button" href="#/help" data-test="help">
        {t("Help")}
      </a>
      <Languages />
    </section>
  );
}

/** Whether the browser has promised to keep what is here; where it has not, why that may be, and what helps. */
function Keeping() {
  const [asked, setAsked] = useState(false);
  const { persistent } = storage.value;
  const ask = async () => {
    await askToKeep();
    storage.value = await storageState();
    setAsked(true);
  };
  if (persistent === true) return <p data-test="keeping">{t("The browser has promised to keep what is saved here.")}</p>;
  if (persistent === null) return <p data-test="keeping">{t("This browser does not say whether it keeps what is saved here. Send often.")}</p>;
  return (
    <div data-test="keeping">
      <p>{t("The browser has not promised to keep what is saved here: when the phone is nearly full it may throw it away.")}</p>
      <p role="status">
        {asked &&
          t("It said no. Browsers say yes to apps on the home screen and to pages that are used often: put Nương on the home screen, and ask again in a few days. Until then send often, or write a safety copy.")}
      </p>
      <button type="button" class="wide" onClick={() => void ask()} data-test="ask-to-keep">
        {t("Ask the browser to keep it")}
      </button>
    </div>
  );
}

/** What the officer must know of this phone before going on; nothing where all is well. */
export function Dangers() {
  if (practising.value) return null;
  const { counts, pictures } = book();
  const unsent = counts.value.waiting + counts.value.refused + pictures.value.waiting > 0;
  const low = isLow(storage.value);
  const offered = unsent && (low || storage.value.persistent === false);
  if (!offered && !low && !isWrong()) return null;
  return (
    <section class="dangers" data-test="dangers">
      {low && (
        <p class="warning" data-test="low-space">
          {t("Only {size} MB are free for Nương on this phone. Remove what you do not need, or soon nothing more can be saved.", {
            size: megabytes(storage.value.freeBytes!),
          })}
        </p>
      )}
      {!low && offered && (
        <p class="quiet">{t("The browser has not promised to keep what is only here. Send soon, or keep a safety copy.")}</p>
      )}
      {offered && <WriteCopy />}
      <Clock />
    </section>
  );
}

export function Clock() {
  if (!isWrong()) return null;
  const minutes = Math.round(Math.abs(behind.value) / 60_000);
  const far = minutes < 120 ? t("{count} minutes", { count: minutes }) : minutes < 2880 ? t("{count} hours", { count: Math.round(minutes / 60) }) : t("{count} days", { count: Math.round(minutes / 1440) });
  return (
    <p class="warning" data-test="clock-wrong">
      {behind.value > 0
        ? t("This phone's clock is {far} behind. Set it right in the phone's settings; what you see here is put right already.", { far })
        : t("This phone's clock is {far} ahead. Set it right in the phone's settings; what you see here is put right already.", { far })}
    </p>
  );
}
