// A new record begins as a draft on disk, with what can be known beforehand already in it.
import { uuidv7 } from "uuidv7";
import { book, said, tell } from "../app";
import { now } from "../clock";
import { SCHEMA } from "../records/declarations";
import { entryOf } from "../records/lists";
import type { Draft, Fields, Id, Json } from "../store/types";
import { localDay, t } from "../words";
import { ofThisDay, onThisPlot } from "./last";
import { recallUse } from "./often";

/** What each form began with that was opened for something new since the app was: one that is left as it was, was not wanted. */
export const began = new Map<string, Draft["typed"]>();

/** Begin a record of *type*; the address of its form. *wish*: what was searched for and not found. */
export async function newRecord(type: string, given: Fields = {}, wish = ""): Promise<string> {
  // What was said of the last entry would stand over the new form.
  said.value = null;
  const area = areaFor(given);
  if (!area) {
    tell(t("No area is yours yet. Ask your manager for one, then press “Send now”."));
    return "/";
  }
  const record = uuidv7();
  const draft: Draft = {
    key: `${type}/${record}`,
    type,
    record,
    area,
    schema: SCHEMA,
    typed: { ...defaults(type, given), ...given, ...(wish ? { name: wish } : {}) },
    over: {},
    isNew: true,
    changedAt: Date.now(),
  };
  began.set(draft.key, draft.typed);
  await Promise.all([book().putDraft(draft), recallUse()]);
  return `/edit/${type}/${record}`;
}

/** The draft of a correction: what stands now, and what it is made over. */
export function correction(record: Id, type: string): Draft | undefined {
  const shown = book().get(record);
  if (!shown) return undefined;
  const over = Object.fromEntries(
    Object.keys({ ...shown.heads, ...shown.conflicts }).map((name) => [
      name,
      shown.conflicts[name]?.map((each) => each.change) ?? shown.heads[name] ?? [],
    ]),
  );
  return {
    key: `${type}/${record}`,
    type,
    record,
    area: shown.area,
    schema: SCHEMA,
    typed: { ...shown.fields },
    opened: { ...shown.fields },
    over,
    isNew: false,
    changedAt: Date.now(),
  };
}

function areaFor(given: Fields): Id {
  for (const name of ["plot", "farmer", "of"]) {
    const parent = book().meant(given[name]);
    if (parent) return parent.area;
  }
  // The area of the last farmer that was registered here; else the first.
  const last = book().all("farmer").sort((one, other) => other.touchedAt - one.touchedAt)[0];
  const areas = Object.keys(book().areas.value);
  return last && areas.includes(last.area) ? last.area : (areas[0] ?? "");
}

/** What the last entry on this plot said, what the last one of this day did, and what the day says. */
function defaults(type: string, given: Fields): Fields {
  const plot = book().meant(given["plot"]);
  const crop = ((plot?.fields["crops"] ?? []) as { crop?: string }[])[0]?.crop;
  const last = onThisPlot(type, plot?.id)?.fields ?? {};
  return filled(FIRST[type]?.({ given, crop: last["crop"] ?? crop, last }) ?? {});
}

interface Before {
  given: Fields;
  crop: Json | undefined;
  last: Fields;
}

const FIRST: Record<string, (before: Before) => Record<string, Json | undefined>> = {
  harvest({ crop, last }) {
    // Whom it is sold to, and in which sacks, is the day's; what is picked is the plot's.
    const day = ofThisDay("harvest", crop)?.fields ?? {};
    const measure = day["unit"] ? day : last["unit"] ? last : { unit: "kg" };
    return {
      date: localDay(),
      crop,
      form: last["form"] ?? day["form"] ?? onlyForm(crop),
      buyer: day["buyer"] ?? last["buyer"],
      unit: measure["unit"],
      unit_kg: measure["unit_kg"],
    };
  },
  observation({ crop }) {
    // One village's coffee stands at one stage.
    const day = ofThisDay("observation", crop)?.fields;
    return { at: new Date(now()).toISOString(), crop, stage: day?.["stage"], identified_by: "officer" };
  },
  activity: ({ last }) => ({ date: localDay(), operator: last["operator"] }),
  plot({ given }) {
    const farmer = book().meant(given["farmer"])?.fields;
    return { village: farmer?.["village"], commune: farmer?.["commune"] };
  },
  farmer() {
    // Officers register one village after the other.
    const last = book().all("farmer").sort((one, other) => other.touchedAt - one.touchedAt)[0]?.fields;
    return { village: last?.["village"], commune: last?.["commune"] };
  },
};

function onlyForm(crop: Json | undefined): string | undefined {
  const forms = typeof crop === "string" ? entryOf("crop", crop)?.forms : undefined;
  return forms?.length === 1 ? forms[0] : undefined;
}

const filled = (found: Record<string, Json | undefined>) => Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Fields;
