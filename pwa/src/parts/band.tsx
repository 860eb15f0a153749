// Stands over every screen of the practice area, so that nobody takes it for the real book; and leads out of it.
import { useEffect, useRef, useState } from "preact/hooks";
import { open } from "../app";
import { bring } from "../late";
import { practise } from "../practice/standing";
import { t } from "../words";

export function Band({ begin }: { begin: () => Promise<void> }) {
  const [leaving, setLeaving] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), [leaving]);
  const leave = async (wipe: boolean) => {
    if (wipe) {
      const { wipePractice } = await bring(() => import("../practice/entry"));
      open.value?.book.close();
      await wipePractice();
    }
    practise(false);
    location.hash = "#/";
    await begin();
  };
  return (
    <div class="band" role="region" aria-label={t("Practice")} data-test="band">
      <b>{t("Practice · nothing is sent anywhere")}</b>
      {leaving ? (
        <div class="pair">
          <button ref={first} type="button" data-test="keep-practice" onClick={() => void leave(false)}>
            {t("Leave, keep what I tried")}
          </button>
          <button type="button" data-test="wipe-practice" onClick={() => void leave(true)}>
            {t("Leave and wipe it")}
          </button>
        </div>
      ) : (
        <button type="button" data-test="leave-practice" onClick={() => setLeaving(true)}>
          {t("Leave")}
        </button>
      )}
    </div>
  );
}
