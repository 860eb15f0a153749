// The form of any record, drawn from its declaration. Every key stroke is in a draft on disk; saving is one press.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { book, tell } from "../app";
import { correction } from "../forms/begin";
import { ControlOf } from "../forms/controls";
import { fitted, touched } from "../forms/fit";
import { useStanding } from "../forms/standing";
import { read } from "../forms/typed";
import { Missing, labelled } from "../parts/record";
import { PhotoField } from "../parts/photos";
import { Top } from "../parts/top";
import { StrangeDraft, Unfit } from "../parts/unfit";
import { ShapePicture } from "../parts/shape";
import { areaOf } from "../map/geometry";
import { formsOpen } from "../pwa";
import { checkState } from "../records/check";
import { fieldsOf, referenceFields, TYPES, type Field } from "../records/declarations";
import { titleOf, typeName } from "../records/show";
import { validateSet, type Fault } from "../records/validate";
import type { Draft, Fields, Json } from "../store/types";
import { faultSentence, localDay, say, sayNumber, t } from "../words";

const PAUSE = 250; // ms after the last key stroke; a lost app loses at most this
const MAIN = 6; // fields that stand open; the rest is behind "more"

export function Edit({ type, id }: { type: string; id: string }) {
  const draft = book().draft(`${type}/${id}`);
  if (draft && !TYPES[type]) return <StrangeDraft draft={draft} />;
  const kept = draft ? fitted(draft) : correction(id, type);
  if (!kept || !TYPES[type]) return <Missing />;
  return <Form kept={kept} />;
}

function Form({ kept }: { kept: Draft }) {
  const [, go] = useLocation();
  const [draft, setDraft] = useState(kept);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [trouble, setTrouble] = useState("");
  const [developing, setDeveloping] = useState(false);
  const keeper = useKeeper(draft, kept);
  const standing = useStanding();
  const { type, record } = draft;
  const fields = Object.entries(fieldsOf(type)).filter(([name, field]) => isAsked(type, name, field, draft));
  const main = fields.filter(([name, field], place) => field.required || place < MAIN || TYPES[type]!.identity.includes(name));
  const more = fields.filter((each) => !main.includes(each));
  const back = placeAbove(draft);
  const warnings = checkState(type, readAll(draft), localDay()).filter((each) => each.code !== "missing");

  const type_ = (name: string, value: Json) => {
    const found = value as { point?: Json; accuracy_m?: Json } | null;
    // A position comes with how sure it is.
    const values = name === "point" && found?.point ? { point: found.point, accuracy_m: found.accuracy_m ?? null } : { [name]: value };
    // Over what stands now, not over what stood when this was drawn: a position comes seconds after it was asked for.
    setDraft((now) => ({ ...now, typed: { ...now.typed, ...values }, changedAt: Date.now() }));
    setFaults((now) => now.filter((each) => each.path.split(".")[0] !== name));
  };

  const save = async (event: Event) => {
    event.preventDefault();
    const set = readAll(draft);
    const found = validateSet(type, touched(draft, set));
    if (draft.unfit) {
      setFaults([{ path: "unfit", code: "unfit", params: {} }]);
      document.getElementById("f-unfit")?.focus();
      return;
    }
    const missing = fields
      .filter(([name, field]) => field.required && (set[name] === null || set[name] === undefined))
      .map(([path]) => ({ path, code: "missing", params: {} }));
    if (found.length || missing.length) {
      setFaults([...found, ...missing]);
      const first = [...found, ...missing][0]!.path.split(".")[0]!;
      document.getElementById(`f-${first}`)?.focus();
      document.getElementById(`f-${first}-fault`)?.scrollIntoView({ block: "center" });
      return;
    }
    try {
      keeper.done();
      const change = await book().save({ type, area: draft.area, record, set, over: draft.over, opened: draft.opened, photos: draft.photos, draftKey: draft.key });
      tell(change ? t("Saved on this phone") : t("Nothing was changed"), draft.isNew && change ? () => undo(draft) : undefined);
      // Back on the plot with the new line on top; a new farmer or plot opens its own page.
      // Whoever went elsewhere while the disk was busy stays there.
      if (keeper.open()) go(type === "farmer" || type === "plot" ? `/${type}/${record}` : back, { replace: true });
    } catch (error) {
      // A full disk: nothing was written, and everything still stands in the form.
      keeper.resume();
      setTrouble(t("This could not be saved: the phone has no room left ({reason}). Free some space and press again; the form stays.", { reason: (error as Error).name }));
    }
  };

  const discard = async () => {
    keeper.done();
    await book().dropDraft(draft.key);
    tell(t("Draft thrown away"), async () => book().putDraft(draft));
    go(back, { replace: true });
  };

  const control = ([name, field]: [string, Field]) => (
    <FieldRow key={name} name={name} field={field} draft={draft} faults={faults} onType={(value) => type_(name, value)} />
  );

  return (
    <div class="screen">
      <Top title={draft.isNew ? newTitle(type) : t("Correct")} under={underTitle(draft)} back={back} />
      <main>
        <form id="form" onSubmit={(event) => void save(event)} noValidate {...standing}>
          {draft.isNew && !parentOf(draft) && isAreaOpen(draft) && (
            <AreaChoice draft={draft} onChoose={(area) => setDraft((now) => ({ ...now, area, changedAt: Date.now() }))} />
          )}
          <Unfit draft={draft} onChange={setDraft} fault={faults.some((each) => each.path === "unfit")} />
          {main.map(control)}
          {type !== "task" && type !== "photo" && (
            <PhotoField
              draft={draft}
              onChange={(update) => setDraft((now) => ({ ...now, photos: update(now.photos ?? []), changedAt: Date.now() }))}
              onBusy={setDeveloping}
            />
          )}
          {more.length > 0 && (
            <details class="details" open={faults.some((each) => more.some(([name]) => name === each.path.split(".")[0]))}>
              <summary>{t("More details")}</summary>
              {more.map(control)}
            </details>
          )}
          {warnings.map((each) => (
            <p class="warning" key={each.path + each.code} role="status">
              {faultSentence(each.code, labelled(type, each.params))}
            </p>
          ))}
          {trouble && (
            <p class="fault" role="alert">
              {trouble}
            </p>
          )}
          <p class="quiet">{t("What you type is kept as you type it, saved or not.")}</p>
          <button type="button" onClick={() => void discard()} data-test="discard-draft">
            {t("Throw this draft away")}
          </button>
        </form>
      </main>
      <footer class="actions">
        <button class="do wide" type="submit" form="form" data-test="save" disabled={developing}>
          {developing ? t("Keeping the picture…") : t("Save on this phone")}
        </button>
      </footer>
    </div>
  );
}

/** Take a new record back, with its pictures. */
async function undo({ record, photos }: Draft): Promise<void> {
  for (const id of [record, ...(photos ?? []).map((each) => each.id)]) await book().remove(id);
}

/** Keeps the draft on disk: shortly after each key stroke, and at once when the app is put away. */
function useKeeper(draft: Draft, kept: Draft) {
  const latest = useRef(draft);
  const dirty = useRef(false);
  const over = useRef(false);
  const open = useRef(true);
  if (draft !== latest.current) dirty.current = draft !== kept;
  latest.current = draft;
  const write = () => {
    if (!dirty.current || over.current) return;
    dirty.current = false;
    void book().putDraft(latest.current);
  };
  useEffect(() => {
    const timer = setTimeout(write, PAUSE);
    return () => clearTimeout(timer);
  }, [draft]);
  // Saved or thrown away in another tab, whose draft was the same: what stands typed here is kept again.
  const onDisk = book().drafts.value.some((each) => each.key === draft.key);
  const was = useRef(onDisk);
  useEffect(() => {
    if (was.current && !onDisk && draft !== kept) {
      dirty.current = true;
      write();
    }
    was.current = onDisk;
  }, [onDisk]);
  useEffect(() => {
    const keeping = book().beforeClosing;
    formsOpen.value += 1;
    keeping.add(write);
    addEventListener("pagehide", write);
    document.addEventListener("visibilitychange", write);
    return () => {
      open.current = false;
      formsOpen.value -= 1;
      keeping.delete(write);
      removeEventListener("pagehide", write);
      document.removeEventListener("visibilitychange", write);
      write();
    };
  }, []);
  return {
    open: () => open.current,
    done: () => void (over.current = true),
    resume: () => {
      over.current = false;
      dirty.current = true;
      write();
    },
  };
}

interface Row {
  name: string;
  field: Field;
  draft: Draft;
  faults: Fault[];
  onType(value: Json): void;
}

function FieldRow({ name, field, draft, faults, onType }: Row) {
  const id = `f-${name}`;
  const own = faults.filter((each) => each.path.split(".")[0] === name);
  return (
    <div class={own.length ? "field wrong" : "field"}>
      <label id={`${id}-label`} for={id}>
        {say(field.label)}
        {field.required && <span aria-hidden="true"> *</span>}
      </label>
      {field.hint && (
        <small class="hint" id={`${id}-hint`}>
          {say(field.hint)}
        </small>
      )}
      {name === "boundary" ? (
        <BoundaryField draft={draft} />
      ) : (
        <ControlOf id={id} name={name} field={field} value={draft.typed[name]} typed={draft.typed} onType={onType} />
      )}
      <p class="fault" id={`${id}-fault`} aria-live="polite" data-test={own.length ? `fault-${name}` : undefined}>
        {own.map((each) => faultSentence(each.code, each.params)).join(" ")}
      </p>
    </div>
  );
}

function BoundaryField({ draft }: { draft: Draft }) {
  const [, go] = useLocation();
  const geometry = draft.typed["boundary"];
  const area = areaOf(geometry);
  return (
    <div class="land">
      <ShapePicture geometry={geometry} label={t("Shape of the plot")} />
      <div>
        <p>{area !== null ? `${sayNumber(area, 4)} ha` : geometry ? t("A point, no area") : t("Not measured yet")}</p>
        <button
          id="f-boundary"
          type="button"
          data-test="draw-boundary"
          onClick={() => void book().putDraft(draft).then(() => go(`/edit/${draft.type}/${draft.record}/boundary`))}
        >
          {geometry ? t("Draw again or correct") : t("Draw the boundary")}
        </button>
      </div>
    </div>
  );
}

/** Whether there is something to choose: several areas, or one that was taken away since the form was begun. */
function isAreaOpen(draft: Draft): boolean {
  const areas = Object.keys(book().areas.value);
  return areas.length > 1 || !areas.includes(draft.area);
}

function AreaChoice({ draft, onChoose }: { draft: Draft; onChoose(area: string): void }) {
  return (
    <div class="field">
      <label id="f-area-label">{t("In which area?")}</label>
      <span class="row" role="group" aria-labelledby="f-area-label">
        {Object.entries(book().areas.value).map(([area, { name }]) => (
          <button key={area} type="button" class="choice" aria-pressed={area === draft.area} onClick={() => onChoose(area)}>
            {name}
          </button>
        ))}
      </span>
    </div>
  );
}

/** Whether the form asks for a field: what the phone fills in by itself, and what is known, it does not. */
function isAsked(type: string, name: string, field: Field, draft: Draft): boolean {
  if (field.hidden || ["deleted", "area", "same_as", "review", "accuracy_m", "capture"].includes(name)) return false;
  if (field.kind === "object") return false;
  if (type === "observation" && draft.typed["found"] === "absent" && ["affected", "severity", "part"].includes(name)) return false;
  return !(referenceFields(type).includes(name) && draft.typed[name]);
}

function readAll(draft: Draft): Fields {
  const fields = fieldsOf(draft.type);
  return Object.fromEntries(
    Object.entries(draft.typed)
      .map(([name, value]) => [name, fields[name] ? read(fields[name], value) : value] as const)
      // A new record has nothing to clear.
      .filter(([, value]) => !draft.isNew || value !== null),
  );
}

function parentOf(draft: Draft) {
  return referenceFields(draft.type)
    .map((name) => book().meant(draft.typed[name]))
    .find(Boolean);
}

function placeAbove(draft: Draft): string {
  if (!draft.isNew) return draft.type === "farmer" || draft.type === "plot" ? `/${draft.type}/${draft.record}` : `/record/${draft.record}`;
  const parent = parentOf(draft);
  return parent ? `/${parent.type}/${parent.id}` : "/";
}

function underTitle(draft: Draft): string {
  const parent = parentOf(draft);
  const own = draft.isNew ? "" : typeName(draft.type);
  return [own, parent && titleOf(parent)].filter(Boolean).join(" · ");
}

function newTitle(type: string): string {
  switch (type) {
    case "farmer":
      return t("New farmer");
    case "plot":
      return t("New plot");
    default:
      return typeName(type);
  }
}
