// What went from this phone in the last thirty days, the newest first.
import { useEffect, useState } from "preact/hooks";
import { book } from "../app";
import { linkOf } from "./line";
import { fieldsOfChange, nameOfChange } from "./refused";
import { typeName } from "../records/show";
import type { SentChange } from "../store/database";
import { wentLately } from "../store/sent";
import { sayNumber, sayTime, t } from "../words";

const FIRST = 20;

export function Went() {
  const [most, setMost] = useState(FIRST);
  const [{ sent, all }, setWent] = useState<{ sent: SentChange[]; all: number }>({ sent: [], all: 0 });
  const { revision, database } = book();
  useEffect(() => void wentLately(database, most).then(setWent), [revision.value, most]);
  return (
    <section data-test="went">
      <h2>{t("Went in the last 30 days: {count}", { count: sayNumber(all) })}</h2>
      {!all && <p class="quiet">{t("Nothing yet. What reaches the centre is listed here.")}</p>}
      {sent.map((each) => (
        <Line key={each.id} went={each} />
      ))}
      {all > sent.length && (
        <button type="button" class="wide" onClick={() => setMost(most * 5)}>
          {t("Show more")}
        </button>
      )}
    </section>
  );
}

function Line({ went }: { went: SentChange }) {
  const record = book().get(went.change.record);
  const inside = (
    <>
      <span class="state there" aria-hidden="true">
        ●
      </span>
      <span class="what">
        <b>{nameOfChange(went)}</b>
        <small>
          {typeName(went.change.type)} · {fieldsOfChange(went)} · {sayTime(went.sentAt)}
          {went.mended && <> · {t("mended by a manager")}</>}
        </small>
      </span>
    </>
  );
  return record && !record.deleted ? (
    <a class="line" href={linkOf(record)} data-test="sent">
      {inside}
    </a>
  ) : (
    <p class="line" data-test="sent">
      {inside}
    </p>
  );
}
