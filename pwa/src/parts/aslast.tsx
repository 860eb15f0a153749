// What a new form filled in by itself from another record: said under its title, so that nobody saves it unseen.
import { book } from "../app";
import { began } from "../forms/begin";
import { fieldsOf } from "../records/declarations";
import { showValue } from "../records/show";
import type { Draft } from "../store/types";
import { t } from "../words";
import { nameById } from "./named";

/** What comes from the entry before, by type; a plot has it from its household. */
const TAKEN: Record<string, string[]> = {
  farmer: ["commune", "village"],
  plot: ["commune", "village"],
  harvest: ["buyer"],
  observation: ["stage"],
  activity: ["operator"],
};

export function AsLast({ draft }: { draft: Draft }) {
  const { type, typed, key, area } = draft;
  const first = began.get(key);
  if (!draft.isNew || !first) return null;
  const areas = book().areas.value;
  const values = (TAKEN[type] ?? [])
    // What was changed since is theirs who typed it.
    .filter((name) => first[name] && typed[name] === first[name])
    .map((name) => showValue(fieldsOf(type)[name], typed[name], nameById));
  if (type === "farmer" && Object.keys(areas).length > 1) values.unshift(areas[area]?.name ?? "");
  if (!values.length) return null;
  const words = values.join(" · ");
  return (
    <p class="quiet as-last" data-test="as-last">
      {type === "plot" ? t("Filled in as at the household: {values}", { values: words }) : t("Filled in as last time: {values}", { values: words })}
    </p>
  );
}
