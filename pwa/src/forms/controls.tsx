// One control for each kind of field. What is typed goes up as typed.
import { useEffect, useMemo, useState } from "preact/hooks";
import { cropsOn, intervalOf, offered } from "../records/lists";
import { book } from "../app";
import { now } from "../clock";
import { showValue, titleOf, unitOf } from "../records/show";
import type { Json } from "../store/types";
import { localDay, nameOf, say, sayWholeDay, t } from "../words";
import { Choice, Several, YesNo } from "./choices";
import { Chooser, Press, type Control } from "./chooser";
import { lately, likeliest } from "./often";
import { typedOf, understood } from "./typed";

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
      return <Choice {...props} />;
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

function TextInput(props: Control) {
  const { id, name, field, value, onType } = props;
  const common = {
    id,
    "data-test": `field-${name}`,
    value: typedOf(value),
    "aria-describedby": `${id}-hint ${id}-fault`,
    onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => onType(event.currentTarget.value),
  };
  if (field.multiline) return <textarea rows={3} {...common} />;
  return (
    <>
      <input type={field.mode === "tel" ? "tel" : "text"} inputMode={field.mode === "numeric" ? "numeric" : undefined} autocomplete="off" {...common} />
      {field.recent && <Lately {...props} />}
      {field.suggest && <Suggestions {...props} />}
    </>
  );
}

/** What was typed here lately: one press instead of typing it again. */
function Lately({ name, type, field, value, typed, onType }: Control) {
  const offered = useMemo(() => (type ? lately(type, name, field, typed) : []), [typed["kind"], typed["product"]]);
  if (!offered.some((each) => each !== value)) return null;
  return (
    <span class="row lately" data-test={`lately-${name}`}>
      {offered.map((each) => (
        <Press key={each} pressed={value === each} onPress={() => onType(value === each ? null : each)}>
          {each}
        </Press>
      ))}
    </span>
  );
}

function Suggestions(props: Control) {
  const { id, name, field, typed, onType } = props;
  const crops = cropsOn(book().meant(typed["plot"]));
  const all = offered(field.suggest!).filter(
    (each) => (!each.kinds?.length || each.kinds.includes(String(typed["kind"]))) && (!each.crops?.length || each.crops.includes(String(typed["crop"]))),
  );
  if (!all.length) return null;
  const days = (each: (typeof all)[number]) => each.stated && intervalOf(each, crops);
  const entries = likeliest(field.suggest!, all, typed).map((each) => ({
    code: each.code,
    label: say(each),
    under: [each["ingredient"], say(each.under), typeof days(each) === "number" && t("{days} days", { days: days(each) as number })].filter(Boolean).join(" · "),
  }));
  const choose = (code: Json) => onType(code === null ? null : nameOf(field.suggest!, code));
  return <Chooser {...props} id={`${id}-list`} name={`${name}-list`} value={null} entries={entries} shown={t("From the list…")} onType={choose} />;
}

function NumberInput({ id, name, field, value, faults, onType }: Control) {
  // Once it was refused, the fault below says the same.
  const hint = faults?.[""] ? "" : understood(field, value);
  return (
    <>
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
        {field.unit && <span class="unit">{unitOf(field)}</span>}
      </span>
      {hint && (
        <small class="hint understood" role="status" data-test={`understood-${name}`}>
          {hint}
        </small>
      )}
    </>
  );
}

function DayInput({ id, name, value, onType }: Control) {
  const today = localDay();
  const yesterday = localDay(new Date(now() - 86_400_000));
  const isOther = typeof value === "string" && value !== today && value !== yesterday;
  return (
    <>
      <span class="row">
        <Press pressed={value === today} onPress={() => onType(today)} test={`field-${name}-today`}>
          {t("today")}
        </Press>
        <Press pressed={value === yesterday} onPress={() => onType(yesterday)}>
          {t("yesterday")}
        </Press>
        <input id={id} type="date" data-test={`field-${name}`} value={typedOf(value)} onInput={(event) => onType(event.currentTarget.value)} />
      </span>
      {/* The box has the order of the phone's own language: 11/12 may be either. */}
      {isOther && <small class="hint">{sayWholeDay(value)}</small>}
    </>
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

function ReferencePicker(props: Control) {
  const revision = book().revision.value;
  const entries = useMemo(
    () =>
      (props.field.to ?? [])
        .flatMap((type) => book().all(type))
        .map((each) => ({ code: each.id, label: titleOf(each), under: String(each.fields["village"] ?? "") })),
    [revision],
  );
  const chosen = book().meant(props.value);
  return <Chooser {...props} entries={entries} shown={chosen ? titleOf(chosen) : props.value ? t("not here yet") : ""} />;
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

function ItemRows({ id, name, field, value, faults = {}, onType }: Control) {
  const rows = (Array.isArray(value) ? value : []) as Record<string, Json>[];
  const shown = rows.length ? rows : [{}];
  const put = (place: number, row: Record<string, Json>) => onType(shown.map((each, at) => (at === place ? row : each)));
  return (
    <div class="items">
      {shown.map((row, place) => (
        <fieldset key={place}>
          {Object.entries(field.fields ?? {}).map(([key, inner]) => (
            <ItemField
              key={key}
              id={`${id}-${place}-${key}`}
              name={`${name}-${place}-${key}`}
              field={inner}
              value={row[key]}
              typed={row}
              fault={faults[`${place}.${key}`]}
              onType={(each) => put(place, { ...row, [key]: each })}
            />
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

/** One question of a row: what is wrong stands beside it, and not below the table. */
function ItemField({ fault, ...props }: Control & { fault: string | undefined }) {
  const { id, name, field } = props;
  return (
    <div class={fault ? "field wrong" : "field"}>
      <label id={`${id}-label`} for={id}>
        {say(field.label)}
      </label>
      <ControlOf {...props} faults={fault ? { "": fault } : {}} />
      <p class="fault" id={`${id}-fault`} aria-live="polite" data-test={fault ? `fault-${name}` : undefined}>
        {fault}
      </p>
    </div>
  );
}
