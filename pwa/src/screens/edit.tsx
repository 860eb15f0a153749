// The form of any record, drawn from its declaration. Every key stroke is in a draft on disk; saving is one press.
import { useMemo, useRef, useState } from "preact/hooks";
import { book, onScreen, tell } from "../app";
import { answerOf, withAnswer } from "../forms/answer";
import { cropsOn } from "../records/lists";
import { answered, questions, readAll } from "../forms/asked";
import { correction } from "../forms/begin";
import { Count } from "../forms/count";
import { faultsAt } from "../forms/faults";
import { fitted, touched } from "../forms/fit";
import { usePutAway } from "../forms/untouched";
import { useFirstWrong } from "../forms/wrong";
import { useKeeper } from "../forms/keeper";
import { justSaved, lastEntry, repeated } from "../forms/last";
import { noteUse } from "../forms/often";
import { FieldRow } from "../forms/row";
import { useStanding } from "../forms/standing";
import { Alike } from "../parts/alike";
import { AsLast } from "../parts/aslast";
import { nameById } from "../parts/named";
import { Missing } from "../parts/record";
import { PhotoField } from "../parts/photos";
import { AnswerField, Asked } from "../parts/query";
import { Top } from "../parts/top";
import { StrangeDraft, Unfit } from "../parts/unfit";
import { warningsOf } from "../parts/warnings";
import { address, goFrom } from "../place";
import { referenceFields, TYPES, type Field } from "../records/declarations";
import { queryOf } from "../records/query";
import { showValue, titleOf, typeName } from "../records/show";
import { validateSet, type Fault } from "../records/validate";
import { leftBySaving, NOTHING } from "../store/beside";
import type { Change, Draft, Json } from "../store/types";
import { t } from "../words";

/** What is recorded plot after plot. */
const ROUNDS = ["harvest", "observation", "activity"];

export function Edit({ type, id }: { type: string; id: string }) {
  const draft = book().draft(`${type}/${id}`);
  if (draft && !TYPES[type]) return <StrangeDraft draft={draft} />;
  const kept = draft ? fitted(draft) : correction(id, type);
  if (!kept || !TYPES[type]) return <Missing />;
  return <Form kept={kept} />;
}

function Form({ kept }: { kept: Draft }) {
  const [draft, setDraft] = useState(kept);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [trouble, setTrouble] = useState("");
  const [developing, setDeveloping] = useState(false);
  /** A second press of a hasty thumb is no second save. */
  const saving = useRef(false);
  const keeper = useKeeper(draft, kept);
  const standing = useStanding();
  usePutAway(draft, developing);
  useFirstWrong(faults);
  const { type, record } = draft;
  const { main, more } = questions(draft);
  const back = placeAbove(draft);
  const shown = book().get(record);
  const query = shown && queryOf(shown);
  // What is not filled in yet is said when it is saved, not while it is being filled in.
  const warnings = warningsOf({ id: record, type, fields: readAll(draft) }).filter((each) => each.code !== "missing");

  const put = (update: (typed: Draft["typed"]) => Draft["typed"]) =>
    // Over what stands now, not over what stood when this was drawn: a position comes seconds after it was asked for.
    setDraft((now) => ({ ...now, typed: update(now.typed), changedAt: Date.now() }));

  const type_ = (name: string, value: Json) => {
    const found = value as { point?: Json; accuracy_m?: Json } | null;
    // A position comes with how sure it is.
    if (name === "point" && found?.point) put((typed) => ({ ...typed, point: found.point!, accuracy_m: found.accuracy_m ?? null }));
    else put((typed) => answered(type, typed, name, value, cropsOn(book().meant(typed["plot"]))));
    setFaults((now) => now.filter((each) => each.path.split(".")[0] !== name));
  };

  const save = async (next?: string) => {
    const set = readAll(draft);
    const found = validateSet(type, touched(draft, set));
    if (draft.unfit) {
      setFaults([{ path: "unfit", code: "unfit", params: {} }]);
      document.getElementById("f-unfit")?.focus();
      return;
    }
    const missing = [...main, ...more]
      .filter(([name, field]) => field.required && (set[name] === null || set[name] === undefined))
      .map(([path]) => ({ path, code: "missing", params: {} }));
    if (found.length || missing.length) return setFaults([...found, ...missing]);
    if (saving.current) return;
    saving.current = true;
    const form = address();
    // Back on the plot with the new line on top; a new farmer or plot opens its own page.
    const leave = () => {
      const ownPage = type === "farmer" || type === "plot";
      if (ownPage) void book().visit(record);
      goFrom(form, next ?? (ownPage ? `/${type}/${record}` : back), { replace: true });
    };
    const saved = draft.isNew ? () => undo(draft) : undefined;
    const durable = async () => {
      tell(t("Saved on this phone"), saved);
      justSaved.value = record;
      await onScreen();
      return leave;
    };
    try {
      keeper.done();
      const form = { draft, own: keeper.own };
      const change = await book().save({ type, area: draft.area, record, set, over: draft.over, opened: draft.opened, photos: draft.photos, form, durable });
      if (await keepLater(draft, keeper.latest(), change)) tell(t("Saved. What you typed after pressing is kept as a draft."), saved);
      else if (!change) tell(t("Nothing was changed"));
      if (!change) leave();
      void noteUse(type, set);
    } catch (error) {
      // A full disk: nothing was written, and everything still stands in the form.
      saving.current = false;
      keeper.resume();
      setTrouble(t("This could not be saved: the phone has no room left ({reason}). Free some space and press again; the form stays.", { reason: (error as Error).name }));
    }
  };

  const discard = async () => {
    const form = address();
    keeper.done();
    try {
      await book().dropDraft({ draft, own: keeper.own });
    } catch (error) {
      keeper.resume();
      return setTrouble(t("The draft could not be thrown away ({reason}). Press again; it stays.", { reason: (error as Error).name }));
    }
    tell(t("Draft thrown away"), async () => book().putDraft(draft, keeper.own));
    goFrom(form, back, { replace: true });
  };

  const row = ([name, field]: [string, Field]) => (
    <FieldRow
      key={name}
      name={name}
      field={field}
      draft={draft}
      faults={faultsAt(faults, name, field, draft.typed[name])}
      warnings={[...disputed(draft, name, field), ...warnings.filter((each) => each.path === name).map((each) => each.sentence)]}
      queried={!!query?.isOpen && query.fields.includes(name)}
      onType={(value) => type_(name, value)}
      keep={keeper.now}
    />
  );
  const asked = (each: [string, Field]) => (type === "farmer" && each[0] === "name" ? [row(each), <Alike key="alike" draft={draft} />] : row(each));
  const { counted } = TYPES[type]!;
  const [looked, affected] = main.filter(([name]) => counted.includes(name));
  const control = (each: [string, Field]) => {
    if (each !== looked) return each === affected ? null : asked(each);
    return (
      <div key="counted">
        <div class="pair">
          {row(looked)}
          {affected && row(affected)}
        </div>
        <Count names={[counted[0]!, counted[1]!]} typed={draft.typed} both={!!affected} onCount={put} />
      </div>
    );
  };

  return (
    <div class="screen">
      <Top title={draft.isNew ? newTitle(type) : t("Correct")} under={underTitle(draft)} back={back} />
      <main>
        <form
          id="form"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
          noValidate
          {...standing}
        >
          {draft.isNew && !parentOf(draft) && isAreaOpen(draft) && (
            <AreaChoice draft={draft} onChoose={(area) => setDraft((now) => ({ ...now, area, changedAt: Date.now() }))} />
          )}
          {query && (query.isOpen || answerOf(draft)) && (
            <section class="rivals" data-test="asked">
              <Asked type={type} query={query} />
              <AnswerField draft={draft} query={query} onType={(answer) => setDraft((now) => withAnswer(now, answer))} />
            </section>
          )}
          <AsLast draft={draft} />
          <RepeatLast draft={draft} onRepeat={put} />
          <Unfit draft={draft} onChange={setDraft} fault={faults.some((each) => each.path === "unfit")} />
          {main.map(control)}
          {type !== "task" && type !== "photo" && (
            <PhotoField
              draft={draft}
              own={keeper.own}
              onChange={(update) => setDraft((now) => ({ ...now, photos: update(now.photos ?? []), changedAt: Date.now() }))}
              onBusy={setDeveloping}
            />
          )}
          {more.length > 0 && (
            <details class="details" open={faults.some((each) => more.some(([name]) => name === each.path.split(".")[0])) || more.some(([name]) => query?.isOpen && query.fields.includes(name))}>
              <summary>{t("More details")}</summary>
              {more.map(control)}
            </details>
          )}
          {trouble && (
            <p class="fault" role="alert">
              {trouble}
            </p>
          )}
          <p class="quiet">{t("What you type is kept as you type it, saved or not.")}</p>
          <div class="pair">
            {draft.isNew && ROUNDS.includes(type) && (
              <button type="button" data-test="save-next" disabled={developing} onClick={() => void save("/find/plot")}>
                {t("Save, then another plot")}
              </button>
            )}
            <button type="button" onClick={() => void discard()} data-test="discard-draft">
              {t("Throw this draft away")}
            </button>
          </div>
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

/** A slow disk lets somebody type on after the press: that stays as a draft over what was saved. Whether there was any. */
async function keepLater(pressed: Draft, latest: Draft, change: Change | null): Promise<boolean> {
  if (latest === pressed) return false;
  const saved = change?.record === pressed.record ? { change: change.id, set: change.set } : { change: "", set: {} };
  const later = leftBySaving(latest, { draft: pressed, own: NOTHING }, saved);
  if (later) await book().putDraft(later);
  return !!later;
}

/** Take a new record back, with its pictures. */
async function undo({ record, photos }: Draft): Promise<void> {
  for (const id of [record, ...(photos ?? []).map((each) => each.id)]) await book().remove(id);
}

interface Repeat {
  draft: Draft;
  onRepeat(update: (typed: Draft["typed"]) => Draft["typed"]): void;
}

/** One press fills in what the last entry on this plot, or of this day, said. */
function RepeatLast({ draft, onRepeat }: Repeat) {
  const plot = book().meant(draft.typed["plot"])?.id;
  const last = useMemo(() => (draft.isNew && ROUNDS.includes(draft.type) ? lastEntry(draft.type, plot) : undefined), [draft.key, plot]);
  const before = useRef<Draft["typed"] | null>(null);
  if (!last) return null;
  const repeat = () => {
    before.current = draft.typed;
    onRepeat((typed) => ({ ...typed, ...repeated(last) }));
    tell(t("Filled in as last time"), async () => onRepeat(() => before.current!));
  };
  return (
    <button type="button" class="choice wide repeat" data-test="repeat-last" onClick={repeat}>
      {t("As last time")}: <b>{titleOf(last)}</b>
    </button>
  );
}

/** Where two people disagree, what each says stands at the field. */
function disputed(draft: Draft, name: string, field: Field): string[] {
  const rivals = draft.isNew ? [] : (book().get(draft.record)?.conflicts[name] ?? []);
  if (!rivals.length) return [];
  const values = [...new Set(rivals.map((each) => showValue(field, each.value, nameById)))];
  return [t("Two people disagree: {field}", { field: values.join(" · ") })];
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
