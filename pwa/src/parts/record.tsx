// What the pages of records share: details, what is worth a second look, what is not here, what was deleted.
import { useState } from "preact/hooks";
import { book, tell } from "../app";
import { right } from "../clock";
import { address, goFrom } from "../place";
import { fieldsOf } from "../records/declarations";
import { showValue, titleOf } from "../records/show";
import type { Id, Shown } from "../store/types";
import { say, sayTime, t } from "../words";
import { History } from "./history";
import { fieldLabel, nameById } from "./named";
import { Conflicts } from "./rivals";
import { Top } from "./top";
import { warningsOf } from "./warnings";

export function Details({ record, opened = false }: { record: Shown; opened?: boolean }) {
  const fields = fieldsOf(record.type);
  // What the manager asked, and what was answered, stands above.
  const known = Object.entries(fields).filter(([name, field]) => name in record.fields && !field.hidden && name !== "review" && name !== "answer");
  // From a newer app: kept, handed on, and shown as they are.
  const strange = Object.keys(record.fields).filter((name) => !(name in fields));
  const remove = async () => {
    const page = address();
    await book().remove(record);
    tell(t("Deleted on this phone"), () => book().restore(record.id));
    goFrom(page, "/find");
  };
  return (
    <>
    <details class="details" open={opened}>
      <summary>{t("All details")}</summary>
      {warningsOf(record).map(({ path, sentence }) => (
        <p class="warning" key={path + sentence} data-test={`warning-${path}`}>
          {fieldLabel(record.type, path)}: {sentence}
        </p>
      ))}
      <dl>
        {known.map(([name, field]) => (
          <div key={name}>
            <dt>{say(field.label)}</dt>
            <dd data-test={`value-${name}`}>{showValue(field, record.fields[name], nameById)}</dd>
          </div>
        ))}
        {strange.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{showValue(undefined, record.fields[name], nameById)}</dd>
          </div>
        ))}
        <div>
          <dt>{t("Last change")}</dt>
          <dd>{sayTime(record.state === "there" ? record.touchedAt : right(record.touchedAt))}</dd>
        </div>
      </dl>
      {(record.type === "farmer" || record.type === "plot") && (
        <Deleting record={record} onDelete={() => void remove()} />
      )}
    </details>
    <History record={record} />
    </>
  );
}

/** All that names *id*, and all that names those: of a household its plots, and what was recorded on them. */
function hangingOn(id: Id, found = new Set<Id>()): Set<Id> {
  for (const each of book().referring(id)) {
    if (found.has(each.id)) continue;
    found.add(each.id);
    hangingOn(each.id, found);
  }
  return found;
}

/** What hangs on a record stays, and shows with it again: said in numbers before it is deleted, which takes two presses. */
function Deleting({ record, onDelete }: { record: Shown; onDelete(): void }) {
  const [asks, setAsks] = useState(false);
  if (!asks)
    return (
      <button type="button" class="needs" data-test="delete" onClick={() => setAsks(true)}>
        {t("Delete")}
      </button>
    );
  const count = hangingOn(record.id).size;
  return (
    <>
      <p class="warning" role="status" data-test="sure">
        {t("Delete {name}?", { name: titleOf(record) })} {count > 0 && t("{count} records that hang on it stay, and show again when it is brought back.", { count })}
      </p>
      <div class="pair">
        <button type="button" class="needs" data-test="delete-now" onClick={onDelete}>
          {t("Delete")}
        </button>
        <button type="button" data-test="keep-record" onClick={() => setAsks(false)}>
          {t("Keep it")}
        </button>
      </div>
    </>
  );
}

export function Missing() {
  return (
    <div class="screen">
      <Top title={t("Not on this phone")} back="/" />
      <main>
        <p class="empty">{t("This record is not on this phone: it has not arrived yet, or it belongs to an area that is not yours.")}</p>
      </main>
    </div>
  );
}

export function Removed({ record }: { record: Shown }) {
  const restore = async () => {
    const page = address();
    await book().restore(record.id);
    goFrom(page, "/");
  };
  return (
    <div class="screen">
      <Top title={t("Deleted")} back="/" />
      <main>
        <p class="empty">{t("This record was deleted. It can be brought back.")}</p>
        <Conflicts record={record} />
      </main>
      <footer class="actions">
        <button class="do" type="button" onClick={() => void restore()}>
          {t("Bring it back")}
        </button>
      </footer>
    </div>
  );
}
