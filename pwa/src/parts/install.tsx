// How the app gets to the home screen, in the words of the browser that is used.
import { installQuestion, wayToInstall } from "../browser";
import { t } from "../words";

interface Way {
  /** The way to show; default: the one that there is now. */
  way?: ReturnType<typeof wayToInstall>;
  away?: () => void;
}

export function Install({ way = wayToInstall(), away }: Way) {
  if (!way) return null;
  const ask = async () => {
    const question = installQuestion.value;
    installQuestion.value = null;
    await question?.prompt();
    away?.();
  };
  return (
    <div data-test="install">
      <p>{t("Put Nương on the home screen: it opens with one tap, also without a signal, and the phone keeps its records more surely.")}</p>
      {way === "ios" && <p>{t("Press the share sign at the bottom of Safari (a square with an arrow), then “Add to Home Screen”.")}</p>}
      {way === "firefox" && <p>{t("Press ⋮ in Firefox, then “Add app to Home screen” or “Install”.")}</p>}
      {way === "menu" && <p>{t("Press ⋮ in the browser, then “Install app” or “Add to Home screen”.")}</p>}
      <div class="pair">
        {way === "question" && (
          <button type="button" class="do" onClick={() => void ask()} data-test="install-now">
            {t("Install")}
          </button>
        )}
        {away && (
          <button type="button" onClick={away} data-test="not-now">
            {t("Not now")}
          </button>
        )}
      </div>
    </div>
  );
}
