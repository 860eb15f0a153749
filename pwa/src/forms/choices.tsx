// Choices of a list: as buttons, drawn, several at once, or in a page of their own where they are many.
import { useMemo } from "preact/hooks";
import type { Entry } from "../records/declarations";
import { entryOf, offered } from "../records/lists";
import type { Json } from "../store/types";
import { nameOf, say, t } from "../words";
import { Chooser, Press, type Control } from "./chooser";
import { fitting, habitOf, likeliest } from "./often";
import { Drawn } from "./picture";

const FEW = 7; // choices that stand open as buttons
const PICTURES = 5; // drawn choices that stand open, before “others”

export function Choice(props: Control) {
  if (props.field.pictures) return <Pictures {...props} />;
  return options(props).length <= FEW ? <Buttons {...props} /> : <Picker {...props} />;
}

/** The entries of a list. A form of product that the crop has not, or a unit of other crops, is no choice. */
export function options({ field, typed, value }: Control): Entry[] {
  const all = [...offered(field.list!), ...strange(field.list!, value)];
  const crop = typeof typed["crop"] === "string" ? typed["crop"] : "";
  if (field.list === "unit") return all.filter((each) => !each.crops?.length || each.crops.includes(crop) || each.code === value);
  if (field.list !== "form") return all;
  const forms = entryOf("crop", crop)?.forms;
  return forms?.length ? all.filter((each) => forms.includes(each.code) || each.code === value) : all;
}

/** What was chosen and is offered no more, or is not known here (yet): shown by its name or its code, and kept. */
function strange(list: string, value: Json | undefined): Entry[] {
  const chosen = Array.isArray(value) ? value : [value];
  const entries = chosen.filter((each): each is string => typeof each === "string" && each !== "").map((code) => entryOf(list, code) ?? { code, vi: code, en: code });
  return entries.filter((each) => each.hidden || !entryOf(list, each.code));
}

export function Buttons(props: Control) {
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

/** A list that is drawn: the likeliest stand open, each with its picture; the others one press away. */
export function Pictures(props: Control) {
  const { id, name, field, value, typed, onType } = props;
  const list = field.list!;
  const all = useMemo(() => likeliest(list, options(props), typed), [list, typed["crop"], typed["plot"], value]);
  const habit = list === "stage" ? habitOf(typed["crop"]) : undefined;
  // Stages stand in the order in which a plant goes through them.
  const open = list === "stage" ? options(props).filter(fitting(list, typed)) : standingOpen(list, all, typed);
  const chosen = all.find((each) => each.code === value);
  const shown = chosen && !open.includes(chosen) ? [chosen, ...open] : open;
  const others = all.filter((each) => !shown.includes(each));
  return (
    <div class={`pictures ${list}`} role="group" aria-labelledby={`${id}-label`}>
      {shown.map((each) => (
        <Press key={each.code} pressed={each.code === value} test={`field-${name}-${each.code}`} onPress={() => onType(each.code === value ? null : each.code)}>
          <Drawn list={list} code={each.code} habit={habit} />
          <span>{wordOf(each, habit)}</span>
        </Press>
      ))}
      {others.length > 0 && <Chooser {...props} drawn={list} entries={all.map(choiceOf)} shown={t("Others…")} />}
    </div>
  );
}

/** A few; of a plot whose crops are known, just these. */
function standingOpen(list: string, all: Entry[], typed: Control["typed"]): Entry[] {
  const few = all.slice(0, PICTURES);
  const own = few.filter(fitting(list, typed));
  return list === "crop" && own.length ? own : few;
}

function wordOf(entry: Entry, habit: string | undefined): string {
  const own = habit === "grass" ? entry.grass : undefined;
  return own ? `${entry.code} ${say(own)}` : say(entry);
}

const choiceOf = (each: Entry) => ({
  code: each.code,
  label: say(each),
  under: each.province ? nameOf("province", each.province) : (each.scientific ?? ""),
});

export function Several(props: Control) {
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

export function YesNo({ id, name, value, onType }: Control) {
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
  return <Chooser {...props} entries={options(props).map(choiceOf)} shown={nameOf(props.field.list!, props.value)} />;
}
