// How safe this phone is: whether the browser keeps what is here, how much room is left, whether the clock is right.
import { boot, book, storage } from "../app";
import { behind, isWrong } from "../clock";
import { askToKeep, isLow, storageState } from "../store/storage";
import { Languages } from "../screens/signin";
import { sayNumber, t } from "../words";
import { WriteCopy } from "./safety";

const megabytes = (bytes: number) => sayNumber(bytes / 1_000_000, 0);

export function ThisPhone() {
  const { persistent, freeBytes } = storage.value;
  const ask = async () => {
    await askToKeep();
    storage.value = await storageState();
  };
  return (
    <section>
      <h2>{t("This phone")}</h2>
      <p>
        {persistent === true && t("The browser has promised to keep what is saved here.")}
        {persistent === false && t("The browser may remove what is saved here when space runs low. Install the app, or send often.")}
        {persistent === null && t("This browser does not say whether it keeps what is saved here. Send often.")}
      </p>
      {persistent === false && (
        <button type="button" onClick={() => void ask()}>
          {t("Ask the browser to keep it")}
        </button>
      )}
      {freeBytes !== null && (
        <p class={isLow(storage.value) ? "warning" : "quiet"}>{t("Free for Nương: {size} MB", { size: megabytes(freeBytes) })}</p>
      )}
      <Clock />
      <p class="quiet">{t("Version {version}", { version: boot.version })}</p>
      <Languages />
    </section>
  );
}

/** What the officer must know of this phone before going on; nothing where all is well. */
export function Dangers() {
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
