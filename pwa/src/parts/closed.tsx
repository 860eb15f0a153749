// Where the field book can't be written from here: another tab holds it, a newer app has it, or the browser cut it off.
import { useEffect, useRef } from "preact/hooks";
import { book, opening } from "../app";
import { newestVersion } from "../pwa";
import { t } from "../words";
import { WriteCopy } from "./safety";

export function Opening() {
  const held = opening.value === "held";
  return (
    <p class="opening" role="status">
      {held ? t("Nương is open in another tab with an older version. Close that tab: this one goes on by itself.") : t("Opening the field book…")}
    </p>
  );
}

/** An old app that was kept somewhere meets the records of a newer one: it must not touch them. */
export function Newer() {
  return (
    <main class="signin">
      <h1 tabIndex={-1}>Nương</h1>
      <p>{t("A newer version of Nương has been used on this phone. Everything is kept; this old version can't read it.")}</p>
      <button class="do" type="button" data-test="load-newest" onClick={() => void newestVersion()}>
        {t("Load the newest version")}
      </button>
    </main>
  );
}

/** Stands over everything as soon as nothing can be saved here: what would be typed now could not be kept. */
export function Closed() {
  const dialog = useRef<HTMLDialogElement>(null);
  const why = book().closedBy.value;
  useEffect(() => {
    if (why) dialog.current?.showModal();
  }, [why]);
  if (!why) return null;
  return (
    <dialog ref={dialog} class="closed" data-test="closed" onCancel={(event) => event.preventDefault()}>
      <p>
        {why === "update"
          ? t("A newer version of Nương is open in another tab. What you typed here is kept: load this page again to go on.")
          : t("The browser has closed the field book: its data may have been removed. Keep what was not sent in a safety copy now, then load this page again.")}
      </p>
      {why === "browser" && <WriteCopy />}
      <button class="do" type="button" data-test="reload" onClick={() => location.reload()}>
        {t("Load again")}
      </button>
    </dialog>
  );
}
