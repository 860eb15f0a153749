// What the practice area holds, as a centre would tell it: made-up people with names that say so, on hills near Chiềng Mung.
import { uuidv7 } from "uuidv7";
import type { Reply, WireRecord } from "../sync/exchange";
import type { Candidate, Fields, Json, Waiting } from "../store/types";
import { localDay, t } from "../words";

const AREA = "00000000-0000-7000-8000-000000000001";
const EPOCH = "00000000-0000-7000-8000-000000000002";
const COLLEAGUE = "00000000-0000-7000-8000-000000000003";
const COMMUNE = "04123";
const DAY = 24 * 3600 * 1000;

/** All that is there on the first day. */
export function firstAnswer(): Reply {
  const anh = record("farmer", { name: t("Anh the Made-up"), phone: "0912000001", sex: "male", village: t("Practice village"), commune: COMMUNE, consent: true });
  const binh = record("farmer", { name: t("Binh the Example"), phone: "0912000002", sex: "female", village: t("Practice village"), commune: COMMUNE });
  const spring = plot(anh, t("Field at the spring"), "COFAR", [104.0708, 21.2362], 0.0011);
  const pass = plot(anh, t("Field at the pass"), "X-PLUM", [104.0722, 21.2351], 0.0008);
  const pylon = plot(binh, t("Field under the pylon"), "X-MANGO", [104.0694, 21.2349], 0.0014);
  const own = { unit: [{ code: "gui", vi: "gùi", en: "basket", kg: 30 }] };
  const records = [
    anh,
    binh,
    inDispute(spring, "certificate", ["BK-000123", "BK-000128"]),
    pass,
    pylon,
    record("harvest", { plot: spring.id, date: daysAgo(12), crop: "COFAR", quantity: 240, unit: "kg", form: "cherry" }),
    queried(record("harvest", { plot: pylon.id, date: daysAgo(5), crop: "X-MANGO", quantity: 9000, unit: "kg" }), t("9,000 kg in one day: is it 900?")),
    record("observation", { plot: spring.id, at: `${daysAgo(9)}T02:10:00Z`, found: "present", pest: "HEMIVA", crop: "COFAR", inspected: 30, affected: 8 }),
    record("task", { of: pass.id, what: t("Walk round the boundary again: the stream has moved"), due: daysAgo(-3) }),
  ];
  return { ...answer(records), lists: { at: 1, anew: true, entries: own } };
}

/** The made-up centre takes everything in and has no news. */
export function answerOf(waiting: Waiting[]): Reply {
  return { ...answer([]), accepted: waiting.length };
}

function answer(records: WireRecord[]): Reply {
  return {
    protocol: 1,
    epoch: EPOCH,
    server_time: new Date().toISOString(),
    accepted: 0,
    rejected: [],
    areas: { [AREA]: { cursor: "practice", more: false, role: "officer", name: t("Practice area") } },
    records,
    gone: [],
    people: { [COLLEAGUE]: t("A made-up colleague") },
  };
}

function record(type: string, fields: Fields): WireRecord {
  const id = uuidv7();
  return { id, type, area: AREA, seq: 1, fields, heads: id };
}

/** A square plot; *side* in degrees. */
function plot(farmer: WireRecord, name: string, crop: string, [west, south]: [number, number], side: number): WireRecord {
  const [east, north] = [west + side, south + side * 0.8];
  const ring: Json = [[west, south], [east, south + side * 0.1], [east - side * 0.15, north], [west + side * 0.1, north - side * 0.05], [west, south]];
  const boundary = { type: "Polygon", coordinates: [ring] };
  return record("plot", { farmer: farmer.id, name, boundary, capture: "tapped", crops: [{ crop }], village: t("Practice village"), commune: COMMUNE });
}

/** Two people typed different values: both stand there. */
function inDispute(found: WireRecord, field: string, values: [Json, Json]): WireRecord {
  const candidates: Candidate[] = values.map((value, place) => ({ change: uuidv7(), value, by: COLLEAGUE, at: new Date(Date.now() - (2 - place) * DAY).toISOString() }));
  const shown = candidates[1]!;
  return {
    ...found,
    fields: { ...found.fields, [field]: shown.value },
    heads: { [shown.change]: [field], [found.id]: Object.keys(found.fields ?? {}) },
    conflicts: { [field]: candidates },
  };
}

/** The manager asks about it. */
function queried(found: WireRecord, note: string): WireRecord {
  const change = uuidv7();
  return {
    ...found,
    fields: { ...found.fields, review: { state: "queried", note, seen: [found.id] } },
    heads: { [change]: ["review"], [found.id]: Object.keys(found.fields ?? {}) },
  };
}

function daysAgo(days: number): string {
  return localDay(new Date(Date.now() - days * DAY));
}
