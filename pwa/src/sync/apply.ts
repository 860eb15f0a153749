// What an answer changes on the phone: all of it in one transaction, or nothing.
import type { IDBPObjectStore, IDBPTransaction } from "idb";
import type { PersonDatabase, PersonSchema, StoredRecord } from "../store/database";
import { DURABLE, wholly } from "../store/database";
import { blank, lay } from "../store/overlay";
import type { Area, Decision, Id, Waiting, Rejection } from "../store/types";
import { KEEP_SENT, wentHereLately } from "../store/sent";
import type { Held } from "../records/lists";
import type { Reply, WireRecord } from "./exchange";
import { learnt } from "./lists";

const AT_ONCE = 30; // ms for which records are handed to the disk before the screen gets its turn

export interface Applied {
  /** The records that look different now. */
  touched: Id[];
  /** The centre lost history: everything is read and sent again. */
  startOver: boolean;
  more: boolean;
}

/** Take in the answer to *batch*. */
export async function apply(database: PersonDatabase, reply: Reply, batch: Waiting[]): Promise<Applied> {
  const known = (await database.get("meta", "epoch")) as string | undefined;
  if (known !== undefined && known !== reply.epoch) {
    await startOver(database, reply.epoch);
    return { touched: [], startOver: true, more: true };
  }
  return takeIn(database, reply, batch);
}

async function takeIn(database: PersonDatabase, reply: Reply, batch: Waiting[]): Promise<Applied> {
  return wholly(database.transaction(["base", "outbox", "sent", "meta"], "readwrite", DURABLE), (work) => takeInAll(work, reply, batch));
}

type Working = IDBPTransaction<PersonSchema, Names, "readwrite">;

async function takeInAll(work: Working, reply: Reply, batch: Waiting[]): Promise<Applied> {
  const base = work.objectStore("base");
  const outbox = work.objectStore("outbox");
  const sent = work.objectStore("sent");
  const meta = work.objectStore("meta");
  const touched = new Set<Id>();
  // By the centre's clock: a phone's may jump from 1970 to today, and thirty days would be over at once.
  const now = new Date(reply.server_time).getTime();
  const reading = await currentReading(meta, reply.epoch);
  const refusals = new Map(reply.rejected.map((each) => [each.id, each]));
  const answered = new Set(reply.records.map((each) => each.id));
  const departed = new Set(reply.gone.filter((each) => !each.area).map((each) => each.id));

  for (const waiting of batch) {
    const { change } = waiting;
    touched.add(change.record);
    const refusal = refusals.get(change.id);
    if (refusal) {
      await outbox.put({ ...waiting, refused: said(refusal) });
      continue;
    }
    await outbox.delete(waiting.n);
    await sent.put({ id: change.id, change, sentAt: now, sentHere: Date.now(), n: waiting.n });
    if (!answered.has(change.record) && !departed.has(change.record)) {
      // The centre says nothing of it because nobody else has: the phone lays its own change down itself.
      // What stands from before a new epoch is what the centre may have lost: nothing to build on.
      const held = await base.get(change.record);
      const under = held?.epoch === reading ? held : blank(change);
      await base.put({ ...lay(under, change), epoch: reading });
    }
  }
  for (const id of await takeDecisions(outbox, sent, reply.settled ?? {}, now)) touched.add(id);
  for (const { id, area } of reply.gone) {
    const held = await base.get(id);
    if (held && (area === undefined || held.area === area)) await base.delete(id);
    touched.add(id);
  }
  // A page of a first sync is long: waiting for each put takes ten times as long, and for none of them stops the screen.
  let since = performance.now();
  for (const record of reply.records) {
    const put = base.put(held(record, reading));
    touched.add(record.id);
    put.catch(() => undefined); // what stops one stops them all
    if (performance.now() - since < AT_ONCE) continue;
    await put;
    since = performance.now();
  }
  const areas = await readAreas(reply, meta, outbox, base);
  for (const area of areas.lost) {
    for (const id of await base.index("area").getAllKeys(area)) {
      await base.delete(id);
      touched.add(id);
    }
  }
  const more = Object.keys(reply.areas).filter((area) => reply.areas[area]!.more);
  if (!more.length) for (const id of await leftBehind(base, reading, meta)) touched.add(id);
  const marks = await marksAfter(meta, reply);
  const people = ((await meta.get("people")) as Record<Id, string> | undefined) ?? {};
  await Promise.all([
    meta.put(reply.epoch, "epoch"),
    meta.put(areas.kept, "areas"),
    meta.put({ ...people, ...reply.people }, "people"),
    meta.put(Object.fromEntries(Object.entries(reply.areas).map(([area, each]) => [area, each.cursor])), "cursors"),
    meta.put(marks, "marks"),
    meta.put(more, "more"),
    meta.put(
      more.reduce((sum, area) => sum + (reply.areas[area]!.left ?? 0), 0),
      "left",
    ),
    meta.put(Date.now(), "lastContact"),
    meta.put(now - Date.now(), "clockBehind"),
    meta.put(now, "centreTime"),
  ]);
  if (reply.lists) {
    await meta.put(learnt((await meta.get("lists")) as Held | undefined, reply.lists), "lists");
    await meta.put(reply.lists.at, "listsAt");
  }
  await forgetOld(sent, now);
  return { touched: [...touched], startOver: false, more: more.length > 0 || !!reply.lists?.more };
}

/** A refusal as it stands with its change. */
function said({ reason, detail }: Reply["rejected"][number]): Rejection {
  return { reason, detail, ...(detail["kept"] === false && { onlyHere: true as const }) };
}

/** What somebody decided about changes that were refused; the records of those that no longer need their author. */
async function takeDecisions(
  outbox: Store<"outbox">,
  sent: Store<"sent">,
  settled: Record<Id, Decision>,
  now: number,
): Promise<Id[]> {
  const touched: Id[] = [];
  if (!Object.keys(settled).length) return touched;
  for (const waiting of await outbox.getAll()) {
    const { change, refused, n } = waiting;
    const how = settled[change.id];
    // Its author may have sent it again in the meantime: then that is what counts.
    if (!refused || !how) continue;
    if (how === "accepted" || how === "mended") {
      // With what was sent: if the centre loses its history, the decision may be lost with it.
      await sent.put({ id: change.id, change, sentAt: now, sentHere: Date.now(), n, ...(how === "mended" ? { mended: true } : {}) });
      await outbox.delete(n);
    } else if (how === "put_away") {
      await outbox.put({ ...waiting, refused: { ...refused, putAway: true } });
    } else continue; // a newer centre's word: its author still has it
    touched.push(change.record);
  }
  return touched;
}

type Names = ("base" | "outbox" | "sent" | "meta")[];
type Store<Name extends Names[number]> = IDBPObjectStore<PersonSchema, Names, Name, "readwrite">;

/** The areas that are still this person's; of the others, those whose unsent changes have all been answered. */
async function readAreas(
  reply: Reply,
  meta: Store<"meta">,
  outbox: Store<"outbox">,
  base: Store<"base">,
): Promise<{ kept: Record<Id, Area>; lost: Id[] }> {
  const known = ((await meta.get("areas")) as Record<Id, Area> | undefined) ?? {};
  const kept: Record<Id, Area> = {};
  for (const [area, { role, name }] of Object.entries(reply.areas)) kept[area] = { name: name ?? known[area]?.name ?? "", role };
  const gone = Object.keys(known).filter((area) => !(area in reply.areas));
  if (!gone.length) return { kept, lost: [] };
  const unsent = await areasOfUnsent(outbox, base);
  for (const area of gone) if (unsent.has(area)) kept[area] = known[area]!;
  return { kept, lost: gone.filter((area) => !unsent.has(area)) };
}

/**
 * The last cursor of each area that was taken away. What was done there may be lost with an older copy of the centre's
 * database, and nobody else may have read it. Nothing is read by them: an area that is given again is read from nothing.
 */
async function marksAfter(meta: Store<"meta">, reply: Reply): Promise<Record<Id, string>> {
  const before = {
    ...((await meta.get("marks")) as Record<Id, string> | undefined),
    ...((await meta.get("cursors")) as Record<Id, string | null> | undefined),
  };
  return Object.fromEntries(
    Object.entries(before).filter((each): each is [Id, string] => each[1] !== null && !(each[0] in reply.areas)),
  );
}

/** Where the changes that wait belong: by what they say, and by where their record lives as far as is known here. */
async function areasOfUnsent(outbox: Store<"outbox">, base: Store<"base">): Promise<Set<Id>> {
  const found = new Set<Id>();
  for (const { change, refused } of await outbox.getAll()) {
    if (refused) continue;
    found.add(change.area);
    const held = await base.get(change.record);
    if (held) found.add(held.area);
  }
  return found;
}

/**
 * What marks a record as read since the last beginning from nothing. The epoch alone does not: an older copy of the
 * centre's database brings its older epoch back, and what was read under that one long ago would pass for read again.
 */
async function currentReading(meta: Store<"meta">, epoch: string): Promise<string> {
  return ((await meta.get("reading")) as string | undefined) ?? epoch;
}

/** After a new epoch: what was there before and did not come again. */
async function leftBehind(base: Store<"base">, reading: string, meta: Store<"meta">): Promise<Id[]> {
  if (!(await meta.get("rereading"))) return [];
  const found: Id[] = [];
  for (const each of await base.getAll()) {
    if (each.epoch === reading) continue;
    await base.delete(each.id);
    found.push(each.id);
  }
  await meta.delete("rereading");
  return found;
}

async function forgetOld(sent: Store<"sent">, now: number): Promise<void> {
  const old = IDBKeyRange.upperBound(now - KEEP_SENT);
  for (const each of await sent.index("sentAt").getAll(old)) if (!wentHereLately(each.sentHere)) await sent.delete(each.id);
}

/** A new epoch: read from nothing, and send again all that was accepted lately or refused. Nothing shown goes away yet. */
async function startOver(database: PersonDatabase, epoch: string): Promise<void> {
  const work = database.transaction(["outbox", "sent", "pictures", "meta"], "readwrite", DURABLE);
  const outbox = work.objectStore("outbox");
  const sent = work.objectStore("sent");
  const meta = work.objectStore("meta");
  // Each goes back to its place: what was sent, refused or still waits, in the order in which it was made.
  const waiting = await outbox.getAll();
  for (const { change, sentAt, n } of await sent.getAll()) await outbox.put({ n, change, savedAt: sentAt });
  await sent.clear();
  for (const { refused, ...each } of waiting) if (refused) await outbox.put(each);
  // The centre may have lost pictures too: it is asked which.
  const pictures = work.objectStore("pictures");
  for (const { address: _gone, ...picture } of await pictures.index("state").getAll("sent"))
    await pictures.put({ ...picture, state: "waiting", unsure: true });
  const areas = ((await meta.get("areas")) as Record<Id, unknown> | undefined) ?? {};
  await meta.put(Object.fromEntries(Object.keys(areas).map((area) => [area, null])), "cursors");
  await meta.put({}, "marks");
  // The lists are told anew; until then those that are known go on.
  await meta.put(0, "listsAt");
  await meta.put(epoch, "epoch");
  const readings = (((await meta.get("readings")) as number | undefined) ?? 0) + 1;
  await meta.put(readings, "readings");
  await meta.put(`${epoch} ${readings}`, "reading");
  await meta.put(true, "rereading");
  await work.done;
}

function held(record: WireRecord, reading: string): StoredRecord {
  const fields = record.fields ?? {};
  const heads: Record<string, Id[]> = {};
  if (typeof record.heads === "string") {
    for (const name of Object.keys(fields)) heads[name] = [record.heads];
    if (record.deleted) heads["deleted"] = [record.heads];
  } else {
    for (const [id, names] of Object.entries(record.heads)) for (const name of names) (heads[name] ??= []).push(id);
  }
  return {
    id: record.id,
    type: record.type,
    area: record.area,
    seq: record.seq,
    fields,
    heads,
    conflicts: record.conflicts ?? {},
    deleted: record.deleted ?? false,
    epoch: reading,
  };
}
