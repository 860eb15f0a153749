// What a draft holds from an earlier version of its form and the form of today has no place for.
import { book } from "../app";
import { withoutUnfit } from "../forms/fit";
import { address, goFrom } from "../place";
import { fieldsOf } from "../records/declarations";
import { showValue, typeName } from "../records/show";
import type { Draft, Json } from "../store/types";
import { say, t } from "../words";
import { Top } from "./top";

export function Unfit({ draft, onChange, fault }: { draft: Draft; onChange(draft: Draft): void; fault: boolean }) {
  const left = Object.entries(draft.unfit ?? {});
  if (!left.length) return null;
  return (
    <fieldset class="rivals" id="f-unfit" tabIndex={-1} data-test="unfit">
      <legend>{t("From an earlier version of this form")}</legend>
      <p class={fault ? "fault" : "quiet"}>
        {t("The form has no place for this any more. Type it again below, move it to the note, or throw it away; then the entry can be saved.")}
      </p>
      {left.map(([name, value]) => (
        <div key={name} data-test={`unfit-${name}`}>
          <b>{words(draft.type, name, value)}</b>
          <div class="pair">
            <button type="button" data-test={`to-note-${name}`} onClick={() => onChange(withoutUnfit(draft, name, words(draft.type, name, value)))}>
              {t("Move to the note")}
            </button>
            <button type="button" class="needs" onClick={() => onChange(withoutUnfit(draft, name))}>
              {t("Throw away")}
            </button>
          </div>
        </div>
      ))}
    </fieldset>
  );
}

/** A draft of a kind of record that this app does not know: nothing to fill in, but nothing is dropped either. */
export function StrangeDraft({ draft }: { draft: Draft }) {
  const discard = async () => {
    const page = address();
    await book().dropDraft({ draft });
    goFrom(page, "/");
  };
  return (
    <div class="screen">
      <Top title={typeName(draft.type)} back="/" />
      <main>
        <p class="empty">{t("This version of Nương has no form for this. What you typed is kept as it is.")}</p>
        <dl>
          {Object.entries(draft.typed).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{showValue(undefined, value, String)}</dd>
            </div>
          ))}
        </dl>
      </main>
      <footer class="actions">
        <button type="button" class="needs" onClick={() => void discard()}>
          {t("Throw this draft away")}
        </button>
      </footer>
    </div>
  );
}

function words(type: string, name: string, value: Json): string {
  const field = fieldsOf(type)[name];
  return `${say(field?.label) || name}: ${typeof value === "string" ? value : showValue(undefined, value, String)}`;
}
