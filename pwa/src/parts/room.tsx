// How much room Nương takes on this phone and how much is left: a gauge, and what to do when it is little.
import { useState } from "preact/hooks";
import { book, storage, tell } from "../app";
import { tellsOfRoom } from "../browser";
import { makeRoom, ROOM } from "../store/pictures";
import { isLow, storageState } from "../store/storage";
import { sayBytes, t } from "../words";

export function Room() {
  const [busy, setBusy] = useState(false);
  const { usedBytes, freeBytes } = storage.value;
  if (!tellsOfRoom) return <p class="quiet">{t("This browser does not say how much room there is. Look in the phone's settings.")}</p>;
  if (usedBytes === null || freeBytes === null) return null;
  const low = isLow(storage.value);
  const give = async () => {
    setBusy(true);
    // More than there is to give: whatever the centre has may go.
    const given = await makeRoom(book().database, ROOM - Number.MAX_SAFE_INTEGER);
    storage.value = await storageState();
    setBusy(false);
    tell(given ? t("{size} given back. The pictures are safe at the centre.", { size: sayBytes(given) }) : t("There is nothing to give back: all that is here is still needed."));
  };
  return (
    <div data-test="room">
      <p class={low ? "warning" : ""} id="room-words">
        {t("Nương takes {used}; {free} are free for it.", { used: sayBytes(usedBytes), free: sayBytes(freeBytes) })}
      </p>
      <meter aria-labelledby="room-words" min={0} max={usedBytes + freeBytes} high={(usedBytes + freeBytes) * 0.8} value={usedBytes} />
      {low && (
        <ul class="warning" data-test="room-advice">
          <li>{t("Send what waits: pictures that the centre has may go from here.")}</li>
          <li>{t("Delete videos and apps that you do not need, in the phone's settings.")}</li>
          <li>{t("Do not clear the browser's data: your entries are kept there.")}</li>
        </ul>
      )}
      <button type="button" class="wide" disabled={busy} onClick={() => void give()} data-test="give-room">
        {t("Give room back")}
      </button>
      <p class="quiet">{t("Takes pictures away that the centre has. They can be looked at again with a signal.")}</p>
    </div>
  );
}
