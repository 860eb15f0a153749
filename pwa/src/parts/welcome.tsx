// One thing at a time that helps a person along, at its time: the tour before anything was saved; afterwards a word on
// how the phone keeps what was saved, and on the home screen. Each can be put away. Must never stand in anybody's way, nor
// come late to a page that is being read: what the browser learns of itself meanwhile counts when home is shown again.
import { useState } from "preact/hooks";
import { book, storage } from "../app";
import { isFirefox, remember, remembered, wayToInstall, withinAnotherApp } from "../browser";
import { practising } from "../practice/standing";
import { askToKeep, storageState } from "../store/storage";
import { t } from "../words";
import { Install } from "./install";

const AGAIN = 30 * 24 * 3600 * 1000;

type Hint = "tour" | "keep" | "install";

export function Welcome() {
  const [put, setPut] = useState<Hint[]>([]);
  const [way] = useState(wayToInstall);
  const hint = due(put, way !== null);
  if (!hint) return null;
  const away = () => {
    remember(hint);
    setPut([...put, hint]);
  };
  const keep = async () => {
    await askToKeep();
    storage.value = await storageState();
    away();
  };
  return (
    <section class="welcome" data-test={`hint-${hint}`}>
      {hint === "tour" && (
        <>
          <p>{t("New here? Two minutes show how it goes.")}</p>
          <div class="pair">
            <a class="button" href="#/tour" onClick={() => remember("tour")} data-test="tour">
              {t("Take the tour")}
            </a>
            <button type="button" onClick={away} data-test="not-now">
              {t("Skip")}
            </button>
          </div>
        </>
      )}
      {hint === "keep" && (
        <>
          <p>{t("What you save stands only on this phone until it is sent. Firefox will ask whether Nương may keep it here: answer “Allow”.")}</p>
          <div class="pair">
            <button type="button" class="do" onClick={() => void keep()} data-test="keep">
              {t("Ask now")}
            </button>
            <button type="button" onClick={away} data-test="not-now">
              {t("Not now")}
            </button>
          </div>
        </>
      )}
      {hint === "install" && <Install way={way} away={away} />}
    </section>
  );
}

function due(put: Hint[], installs: boolean): Hint | null {
  if (practising.value || withinAnotherApp) return null;
  const before = remembered();
  const open = (hint: Hint) => !put.includes(hint) && !(before[hint] && before[hint] > Date.now() - AGAIN);
  const saved = before["saved"] !== undefined;
  // The tour is offered once; the other two come again after a month.
  if (!saved) return before["tour"] || put.includes("tour") || book().counts.value.waiting ? null : "tour";
  if (isFirefox && storage.value.persistent === false && open("keep")) return "keep";
  return installs && open("install") ? "install" : null;
}
