// One question of a form: its label, its control, and under it what is wrong or worth a second look.
import { ShapePicture } from "../parts/shape";
import { areaOf } from "../map/geometry";
import { address, goFrom } from "../place";
import type { Field } from "../records/declarations";
import type { Draft, Json } from "../store/types";
import { say, sayNumber, t } from "../words";
import { isLeftOver } from "./asked";
import { ControlOf } from "./controls";
import type { FaultsAt } from "./faults";

export interface Row {
  name: string;
  field: Field;
  draft: Draft;
  /** Sentences: what must be put right before the form is saved, and what is only said. */
  faults: FaultsAt;
  warnings: string[];
  /** The manager asked about this one. */
  queried?: boolean;
  onType(value: Json): void;
  /** Put on disk what stands in the form. */
  keep(): Promise<void>;
}

export function FieldRow({ name, field, draft, faults, warnings, queried, onType, keep }: Row) {
  const id = `f-${name}`;
  const fault = faults[""] ?? "";
  return (
    <div class={fault ? "field wrong" : queried ? "field queried" : "field"}>
      <label id={`${id}-label`} for={id}>
        {say(field.label)}
        {field.required && <span aria-hidden="true"> *</span>}
        {queried && <span class="needs"> ▲ {t("asked about")}</span>}
      </label>
      {field.hint && (
        <small class="hint" id={`${id}-hint`}>
          {say(field.hint)}
        </small>
      )}
      {name === "boundary" ? (
        <BoundaryField draft={draft} keep={keep} />
      ) : (
        <ControlOf id={id} name={name} type={draft.type} field={field} value={draft.typed[name]} typed={draft.typed} faults={faults} onType={onType} />
      )}
      <p class="fault" id={`${id}-fault`} aria-live="polite" data-test={fault ? `fault-${name}` : undefined}>
        {fault}
      </p>
      {warnings.length > 0 && (
        <p class="warning" role="status" data-test={`warning-${name}`}>
          {warnings.join(" ")}
        </p>
      )}
      {isLeftOver(field, draft.typed, name) && (
        <button type="button" data-test={`clear-${name}`} onClick={() => onType(null)}>
          {t("Clear it")}
        </button>
      )}
    </div>
  );
}

function BoundaryField({ draft, keep }: Pick<Row, "draft" | "keep">) {
  const geometry = draft.typed["boundary"];
  const area = areaOf(geometry);
  const draw = async () => {
    const form = address();
    await keep();
    goFrom(form, `/edit/${draft.type}/${draft.record}/boundary`);
  };
  return (
    <div class="land">
      <ShapePicture geometry={geometry} label={t("Shape of the plot")} />
      <div>
        <p>{area !== null ? `${sayNumber(area, 4)} ha` : geometry ? t("A point, no area") : t("Not measured yet")}</p>
        <button id="f-boundary" type="button" data-test="draw-boundary" onClick={() => void draw()}>
          {geometry ? t("Draw again or correct") : t("Draw the boundary")}
        </button>
      </div>
    </div>
  );
}
