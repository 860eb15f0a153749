// One control for each kind of field. What is typed goes up as typed.
import { useEffect, useRef, useState } from "preact/hooks";
import { entryOf, LISTS, type Entry, type Field } from "../records/declarations";
import { book } from "../app";
import { now } from "../clock";
import { showValue, titleOf } from "../records/show";
import type { Json } from "../store/types";
import { fold, localDay, nameOf, say, t } from "../words";
import { typedOf } from "./typed";

export interface Control {
  id: string;
  name: string;
  field: Field;
  value: Json | undefined;
  /** The other fields of the form: a list may put first what fits them. */
  typed: Record<string, Json>;
  onType(value: Json): void;
}

const FEW = 7; // choices that stand open as buttons
const AT_ONCE = 100; // entries of a long list that are drawn

export function ControlOf(props: Control) {
  switch (props.field.kind) {
    case "number":
    case "integer":
      return <NumberInput {...props} />;
    case "date":
      return <DayInput {...props} />;
    case "instant":
      return <MomentInput {...props} />;
    case "choice":
      return options(props).length <= FEW ? <Buttons {...props} /> : <Picker {...props} />;
    case "choices":
      return <Several {...props} />;
    case "flag":
      return <YesNo {...props} />;
    case "reference":
      return <ReferencePicker {...props} />;
    case "geometry":
      return <PointInput {...props} />;
    case "items":
      return <ItemRows {...props} />;
    default:
      return <TextInput {...props} />;
  }
}

function TextInput({ id, name, field, value, onType }: Control) {
  const common = {
    id,
    "data-test": `field-${name}`,
    value: typedOf(value),
    "aria-describedby": `${id}-hint ${id}-fault`,
    onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => onType(event.currentTarget.value),
  };
  if (field.multiline) return <textarea rows={3} {...common} />;
  return <input type={field.mode === "tel" ? "tel" : "text"} autocomplete="off" {...common} />;
}

function NumberInput({ id, name, field, value, onType }: Control) {
  return (
    <span class="number">
      <input
        id={id}
        data-test={`field-${name}`}
        inputMode={field.kind === "integer" ? "numeric" : "decimal"}
        autocomplete="off"
        aria-describedby={`${id}-hint ${id}-fault`}
        value={typedOf(value)}
        onInput={(event) => onType(event.currentTarget.value)}
      />
      {field.unit && <span class="unit">{field.unit}</span>}
    </span>
  );
}

function DayInput({ id, name, value, onType }: Control) {
  const today = localDay();
  const yesterday = localDay(new Date(now() - 86_400_000));
  return (
    <span class="row">
      <Press pressed={value === today} onPress={() => onType(today)} test={`field-${name}-today`}>
        {t("today")}
      </Press>
      <Press pressed={value === yesterday} onPress={() => onType(yesterday)}>
        {t("yesterday")}
      </Press>
      <input id={id} type="date" data-test={`field-${name}`} value={typedOf(value)} onInput={(event) => onType(event.currentTarget.value)} />
    </span>
  );
}

function MomentInput({ id, name, value, onType }: Control) {
  const at = typeof value === "string" && !Number.isNaN(Date.parse(value)) ? new Date(value) : null;
  const clock = at ? `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}` : "00:00";
  return (
    <span class="row">
      <Press pressed={false} onPress={() => onType(new Date(now()).toISOString())}>
        {t("now")}
      </Press>
      <input
        id={id}
        type="datetime-local"
        data-test={`field-${name}`}
        value={at ? `${localDay(at)}T${clock}` : ""}
        onInput={(event) => event.currentTarget.value && onType(new Date(event.currentTarget.value).toISOString())}
      />
    </span>
  );
}

function Press(props: { pressed: boolean; onPress(): void; children: preact.ComponentChildren; test?: string }) {
  return (
    <button type="button" class="choice" aria-pressed={props.pressed} data-test={props.test} onClick={props.onPress}>
      {props.children}
    </button>
  );
}

/** The entries of a list, those first that fit the rest of the form. */
function options({ field, typed, value }: Control): Entry[] {
  const all = [...(LISTS[field.list!] ?? []), ...strange(field.list!, value)];
  const crop = typed["crop"];
  const fits = (each: Entry): boolean => {
    if (field.list === "pest" && typeof crop === "string") return !!each.hosts?.includes(crop);
    if (field.list === "form" && typeof crop === "string")
      return !!LISTS["crop"]?.find((one) => one.code === crop)?.forms?.includes(each.code);
    return false;
  };
  const first = all.filter(fits);
  // A form of product that this crop has not is no choice; a pest that is new on this crop is.
  if (field.list === "form" && first.length) return all.filter((each) => fits(each) || each.code === value);
  return [...first, ...all.filter((each) => !fits(each))];
}

/** What was chosen in a newer app and this one does not know: shown by its code, and kept. */
function strange(list: string, value: Json | undefined): Entry[] {
  const chosen = Array.isArray(value) ? value : [value];
  const codes = chosen.filter((each): each is string => typeof each === "string" && each !== "" && !entryOf(list, each));
  return codes.map((code) => ({ code, vi: code, en: code }));
}

function Buttons(props: Control) {
  const { id, name, value, onType } = props;
  return (
    <span class="row" role="group" aria-labelledby={`${id}-label`} data-test={`field-${name}`}>
      {options(props).map((each) => (
        <Press
          key={each.code}
          pressed={value === each.code}
          test={`field-${name}-${each.code}`}
          onPress={() => onType(value === each.code ? null : each.code)}
        >
          {say(each)}
        </Press>
      ))}
    </span>
  );
}

function Several(props: Control) {
  const chosen = Array.isArray(props.value) ? (props.value as string[]) : [];
  const toggle = (code: string) =>
    props.onType(chosen.includes(code) ? chosen.filter((each) => each !== code) : [...chosen, code]);
  return (
    <span class="row" role="group" aria-labelledby={`${props.id}-label`}>
      {options(props).map((each) => (
        <Press key={each.code} pressed={chosen.includes(each.code)} onPress={() => toggle(each.code)}>
          {say(each)}
        </Press>
      ))}
    </span>
  );
}

function YesNo({ id, name, value, onType }: Control) {
  return (
    <span class="row" role="group" aria-labelledby={`${id}-label`}>
      <Press pressed={value === true} test={`field-${name}-yes`} onPress={() => onType(value === true ? null : true)}>
        {t("Yes")}
      </Press>
      <Press pressed={value === false} test={`field-${name}-no`} onPress={() => onType(value === false ? null : false)}>
        {t("No")}
      </Press>
    </span>
  );
}

function Picker(props: Control) {
  const entries = options(props).map((each) => ({
    code: each.code,
    label: say(each),
    under: each.province ? nameOf("province", each.province) : (each.scientific ?? ""),
  }));
  return <Chooser {...props} entries={entries} shown={nameOf(props.field.list!, props.value)} />;
}

function ReferencePicker(props: Control) {
  const entries = (props.field.to ?? [])
    .flatMap((type) => book().all(type))
    .map((each) => ({ code: each.id, label: titleOf(each), under: String(each.fields["village"] ?? "") }));
  const chosen = book().meant(props.value);
  return <Chooser {...props} entries={entries} shown={chosen ? titleOf(chosen) : props.value ? t("not here yet") : ""} />;
}

interface Choosing extends Control {
  entries: { code: string; label: string; under: string }[];
  shown: string;
}

/** A long list, in a page of its own with a search that folds marks. */
function Chooser({ id, name, field, value, entries, shown, onType }: Choosing) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [wish, setWish] = useState("");
  const words = fold(wish).split(/\s+/).filter(Boolean);
  const found = entries.filter((each) => words.every((word) => fold(`${each.label} ${each.under}`).includes(word)));
  const choose = (code: string | null) => {
    onType(code);
    setWish("");
    dialog.current?.close();
  };
  return (
    <>
      <button id={id} type="button" class="picker" data-test={`field-${name}`} onClick={() => dialog.current?.showModal()}>
        {shown || t("Choose…")} <span aria-hidden="true">▾</span>
      </button>
      <dialog ref={dialog} aria-label={say(field.label)}>
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
          {found.slice(0, AT_ONCE).map((each) => (
            <button key={each.code} type="button" aria-pressed={each.code === value} data-test={`choose-${each.code}`} onClick={() => choose(each.code)}>
              <b>{each.label}</b> <small>{each.under}</small>
            </button>
          ))}
          {found.length > AT_ONCE && <p class="empty">{t("{count} more: type to find them", { count: found.length - AT_ONCE })}</p>}
          {!found.length && <p class="empty">{t("Nothing found")}</p>}
        </div>
      </dialog>
    </>
  );
}

/** A position from GPS: asked for once when the form opens empty, and again by the button. */
function PointInput({ name, field, value, typed, onType }: Control) {
  const [state, setState] = useState("");
  const ask = () => {
    if (!navigator.geolocation) return setState(t("This phone gives no position."));
    setState(t("Waiting for GPS…"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState("");
        const point = { type: "Point", coordinates: [round(coords.longitude), round(coords.latitude)] };
        onType({ point, accuracy_m: Math.round(coords.accuracy * 10) / 10 } as Json);
      },
      () => setState(t("No position. Go on without it, or try again under open sky.")),
      { enableHighAccuracy: true, timeout: 30_000, maximumAge: 10_000 },
    );
  };
  useEffect(() => {
    if (value === undefined || value === null) ask();
  }, []);
  const accuracy = typed["accuracy_m"];
  return (
    <span class="row" data-test={`field-${name}`}>
      <span>
        {value ? t("position taken") + (typeof accuracy === "number" ? ` ± ${Math.round(accuracy)} m` : "") : state || showValue(field, null, String)}
      </span>
      <button type="button" onClick={ask}>
        {t("Take again")}
      </button>
    </span>
  );
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

function ItemRows({ id, name, field, value, onType }: Control) {
  const rows = (Array.isArray(value) ? value : []) as Record<string, Json>[];
  const shown = rows.length ? rows : [{}];
  const put = (place: number, row: Record<string, Json>) => onType(shown.map((each, at) => (at === place ? row : each)));
  return (
    <div class="items">
      {shown.map((row, place) => (
        <fieldset key={place}>
          {Object.entries(field.fields ?? {}).map(([key, inner]) => (
            <div class="field" key={key}>
              <label id={`${id}-${place}-${key}-label`} for={`${id}-${place}-${key}`}>
                {say(inner.label)}
              </label>
              <ControlOf
                id={`${id}-${place}-${key}`}
                name={`${name}-${place}-${key}`}
                field={inner}
                value={row[key]}
                typed={row}
                onType={(each) => put(place, { ...row, [key]: each })}
              />
            </div>
          ))}
          {rows.length > 1 && (
            <button type="button" onClick={() => onType(rows.filter((_, at) => at !== place))}>
              {t("Remove")}
            </button>
          )}
        </fieldset>
      ))}
      <button type="button" onClick={() => onType([...shown, {}])}>
        {t("One more crop")} +
      </button>
    </div>
  );
}
