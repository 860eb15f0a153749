// How safe this phone is: whether the browser keeps what is here, how much room is left, whether the clock is right.
import { useState } from "preact/hooks";
import { boot, storage } from "../app";
import { sendsInBackground } from "../browser";
import { practising } from "../practice/standing";
import { Languages } from "../screens/signin";
import { askToKeep, storageState } from "../store/storage";
import { t } from "../words";
import { Install } from "./install";
import { Clock } from "./phone";
import { Room } from "./room";

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
