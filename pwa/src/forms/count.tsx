// Plants counted as they are looked at: one large button for a sound one, one for an affected one, felt by the thumb.
import { useState } from "preact/hooks";
import type { Json } from "../store/types";
import { sayNumber, t } from "../words";
import { readNumber, typedOf } from "./typed";

interface Counting {
  /** The fields that are counted: how many were looked at, and how many of them are affected. */
  names: [string, string];
  typed: Record<string, Json>;
  /** Whether affected ones are asked for at all. */
  both: boolean;
  onCount(step: (typed: Record<string, Json>) => Record<string, Json>): void;
}

export function Count({ names: [looked, affected], typed, both, onCount }: Counting) {
  const [taps, setTaps] = useState<boolean[]>([]);
  const now = [typed[looked], typed[affected]].map(counted);
  // Something else than a number stands there: it is for its author to mend.
  if (now.includes(null)) return null;
  const step = (ill: boolean, by: number) =>
    onCount((before) => {
      const next = { ...before, [looked]: Math.max(0, (counted(before[looked]) ?? 0) + by) };
      return ill ? { ...next, [affected]: Math.max(0, (counted(before[affected]) ?? 0) + by) } : next;
    });
  const tap = (ill: boolean) => {
    step(ill, 1);
    setTaps([...taps, ill]);
    navigator.vibrate?.(ill ? [25, 40, 25] : 15);
  };
  const back = () => {
    step(taps.at(-1)!, -1);
    setTaps(taps.slice(0, -1));
  };
  const share = both && now[0] ? ` · ${sayNumber((100 * now[1]!) / now[0]!, 0)} %` : "";
  return (
    <div class="count" role="group" aria-label={t("Count plant by plant")}>
      <button type="button" data-test="count-sound" onClick={() => tap(false)}>
        <b>+1</b> {both ? t("sound") : t("looked at")}
      </button>
      {both && (
        <button type="button" class="needs" data-test="count-affected" onClick={() => tap(true)}>
          <b>+1</b> {t("affected")}
        </button>
      )}
      <span class="large" aria-live="polite" data-test="counted">
        {both ? `${now[1]} / ${now[0]}` : now[0]}
        {share}
      </span>
      <button type="button" class="choice" data-test="count-undo" disabled={!taps.length} onClick={back}>
        {t("Undo the last")}
      </button>
    </div>
  );
}

function counted(value: Json | undefined): number | null {
  const text = typedOf(value).trim();
  return text ? readNumber(text, 0) : 0;
}
