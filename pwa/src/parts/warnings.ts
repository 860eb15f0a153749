// What is worth a second look in a record, in sentences. Must never stand in the way of saving.
import { book } from "../app";
import { checkState, onPlot } from "../records/check";
import { beyondBelief } from "../records/yield";
import type { Json, Shown } from "../store/types";
import { faultSentence, localDay, nameOf, sayDay, sayNumber, t } from "../words";
import { fieldLabel } from "./named";

export interface Warning {
  /** The field that it stands at. */
  path: string;
  code: string;
  sentence: string;
}

/** What is worth a second look in a record, alone and beside what else its plot holds. */
export function warningsOf(record: Pick<Shown, "id" | "type" | "fields">): Warning[] {
  const { id, type, fields } = record;
  const alone = checkState(type, fields, localDay()).map(({ path, code, params }) => ({ path, code, sentence: sentenceOf(type, code, params) }));
  const plot = book().meant(fields["plot"]);
  if (!plot) return alone;
  const beside = book().referring(plot.id).filter((each) => each.id !== id && (each.type === "harvest" || each.type === "activity"));
  const together = onPlot([...beside, record])
    .filter((each) => each.records.includes(id))
    .map(({ rule, params }) => ({
      // At a spray it is the interval that is worth the second look.
      path: type === "activity" ? "phi_days" : String(params["field"]),
      code: rule,
      sentence: sentenceOf(type, rule, params),
    }));
  const beyond = type === "harvest" ? beyondBelief(fields, plot.fields) : null;
  if (beyond) alone.push({ path: "quantity", code: "yield", sentence: yieldWords(beyond) });
  // Two harvests of one day break a rule with the same spray: said once.
  return [...new Map([...alone, ...together].map((each) => [`${each.path} ${each.sentence}`, each])).values()];
}

function yieldWords({ tonnes, most }: { tonnes: number; most: number }): string {
  return t("That is {tonnes} t/ha in one picking; more than {most} t/ha in a season is hard to believe. Check the amount, the unit and the area of the plot.", {
    tonnes: sayNumber(tonnes, 0),
    most: sayNumber(most),
  });
}

/** A warning in words: days as people write them, fields by their labels, a product that has no name by its work. */
export function sentenceOf(type: string, code: string, params: Record<string, Json>): string {
  const { free, product, kind } = params;
  const named = free ? { free: sayDay(String(free)), product: String(product || nameOf("activity", kind)) } : {};
  return faultSentence(code, labelled(type, { ...(params as Record<string, string>), ...named }));
}

function labelled(type: string, params: Record<string, string | number>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, key === "one" || key === "other" ? fieldLabel(type, String(value)) : value]),
  );
}
