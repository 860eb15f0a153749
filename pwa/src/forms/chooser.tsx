// A button that stays pressed, and a long list in a page of its own: what the controls of a form are made of.
import { useRef, useState } from "preact/hooks";
import { similar } from "../finding/vocabulary";
import type { Field } from "../records/declarations";
import type { Json } from "../store/types";
import { fold, say, t } from "../words";
import type { FaultsAt } from "./faults";
import { Drawn } from "./picture";

export interface Control {
  id: string;
  name: string;
  /** The record's type; of an item within a list, none. */
  type?: string;
  field: Field;
  value: Json | undefined;
  /** The other fields of the form: a list may put first what fits them. */
  typed: Record<string, Json>;
  /** What is wrong here, and in a table at which of its controls. */
  faults?: FaultsAt;
  onType(value: Json): void;
}

const AT_ONCE = 100; // entries of a long list that are drawn

export function Press(props: { pressed: boolean; onPress(): void; children: preact.ComponentChildren; test?: string }) {
  return (
    <button type="button" class="choice" aria-pressed={props.pressed} data-test={props.test} onClick={props.onPress}>
      {props.children}
    </button>
  );
}

interface Choosing extends Control {
  entries: { code: string; label: string; under: string }[];
  shown: string;
  /** The list whose entries are drawn. */
  drawn?: string;
}

/** A long list, in a page of its own with a search that folds marks. */
export function Chooser({ id, name, field, value, entries, shown, drawn, onType }: Choosing) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [wish, setWish] = useState("");
  const [opened, setOpened] = useState(false);
  const words = fold(wish).split(/\s+/).filter(Boolean);
  // Thousands of entries are gone through for somebody who looks at them, not with every key stroke of the form.
  const found = !opened ? [] : entries.filter((each) => words.every((word) => fold(`${each.label} ${each.under}`).includes(word)));
  // Where nothing fits, somebody may have slipped by a letter.
  const near = opened && words.length && !found.length ? similar(entries, (each) => `${each.label} ${each.under}`, wish) : [];
  const open = () => {
    setOpened(true);
    dialog.current?.showModal();
  };
  const choose = (code: string | null) => {
    onType(code);
    setWish("");
    dialog.current?.close();
  };
  return (
    <>
      <button id={id} type="button" class="picker" aria-labelledby={`${id}-label ${id}`} data-test={`field-${name}`} onClick={open}>
        {shown || t("Choose…")} <span aria-hidden="true">▾</span>
      </button>
      <dialog ref={dialog} aria-label={say(field.label)} onClose={() => setOpened(false)}>
        <div class="search">
          <input
            type="search"
            aria-label={t("Search")}
            placeholder={say(field.label)}
            data-test={`search-${name}`}
            value={wish}
            onInput={(event) => setWish(event.currentTarget.value)}
          />
          <button type="button" onClick={() => dialog.current?.close()}>
            {t("Close")}
          </button>
        </div>
        <div class="entries">
          {value !== null && value !== undefined && (
            <button type="button" onClick={() => choose(null)}>
              {t("Leave empty")}
            </button>
          )}
          {near.length > 0 && (
            <p class="hint" data-test="similar">
              {t("Nothing matches exactly; similar:")}
            </p>
          )}
          {[...found, ...near].slice(0, AT_ONCE).map((each) => (
            <button key={each.code} type="button" aria-pressed={each.code === value} data-test={`choose-${each.code}`} onClick={() => choose(each.code)}>
              {drawn && <Drawn list={drawn} code={each.code} />}
              <span>
                <b>{each.label}</b> <small>{each.under}</small>
              </span>
            </button>
          ))}
          {found.length > AT_ONCE && <p class="empty">{t("{count} more: type to find them", { count: found.length - AT_ONCE })}</p>}
          {!found.length && !near.length && <p class="empty">{t("Nothing found")}</p>}
        </div>
      </dialog>
    </>
  );
}
