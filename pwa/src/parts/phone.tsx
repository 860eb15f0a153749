// What the officer must know of this phone before going on: no promise to keep what is here, little room, a wrong clock.
import { book, storage } from "../app";
import { behind, isWrong } from "../clock";
import { practising } from "../practice/standing";
import { isLow } from "../store/storage";
import { sayNumber, t } from "../words";
import { WriteCopy } from "./safety";

const megabytes = (bytes: number) => sayNumber(bytes / 1_000_000, 0);

/** Nothing where all is well. */
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
