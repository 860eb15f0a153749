// A sync from top to bottom, the same in the page and in the service worker.
import { openPerson, type PersonDatabase } from "../store/database";
import type { Failure, Id, LastTry, Waiting } from "../store/types";
import { apply } from "./apply";
import { exchange, NoAnswer, type Reply } from "./exchange";
import { sendPictures } from "./pictures";
import { dueReport, reported } from "./report";

export interface Surroundings {
  root: string;
  user: Id;
  language: string;
  version: string;
  /** Told which records look different, after each answer. */
  onNews?: (records: Id[] | "all") => Promise<void> | void;
  /** Told which changes are on their way, and when none is. */
  onGoing?: (changes: Id[]) => void;
  /** Ends the sync where it stands, as when its person signs out: what was sent is asked about again another time. */
  stop?: AbortSignal;
}

/** A key of words.ts. */
export type Outcome = "all_sent" | "some_refused" | NoAnswer["why"] | "no_room" | "broken";

/** What may be over by itself in a moment. */
export const PASSING: ReadonlySet<Outcome> = new Set(["offline", "timeout", "not_us", "server_trouble"]);

const SMALLEST = 2_000;
const FIRST = 64_000;
const LARGEST = 400_000;
const MOST_CHANGES = 1000;
const MOST_ASKED_ABOUT = 20; // refused changes, a sync
const MOST_TURNS = 30; // how often to wait for our turn while many phones read

/** Sync one person's book with the centre. Never throws: what happened is in the outcome, and kept as the last try. */
export async function sync(here: Surroundings): Promise<Outcome> {
  try {
    // Tabs and the worker take turns; ids would make it harmless, but the link is too thin to send anything twice.
    const options = here.stop ? { signal: here.stop } : {};
    return await navigator.locks.request(`nuong-sync-${here.user}`, options, () => takeTurn(here));
  } catch {
    // Stopped while it waited for its turn, or the database was closed over it.
    return here.stop?.aborted ? "stopped" : "broken";
  }
}

async function takeTurn(here: Surroundings): Promise<Outcome> {
  const database = await openPerson(here.user);
  try {
    return await tryAll(here, database);
  } finally {
    here.onGoing?.([]);
    database.close();
  }
}

async function tryAll(here: Surroundings, database: PersonDatabase): Promise<Outcome> {
  let outcome: Outcome;
  let detail = "";
  try {
    outcome = await sendAndRead(here, database);
  } catch (error) {
    outcome = error instanceof NoAnswer ? error.why : isFull(error) ? "no_room" : "broken";
    detail = error instanceof NoAnswer ? error.detail : String(error);
  }
  // Whoever signed out stopped it: that is no news of the centre.
  if (outcome === "stopped") return outcome;
  // On a full disk this may not fit either: whoever pressed the button is told all the same.
  await noteTry(database, { at: Date.now(), outcome, detail }).catch(() => undefined);
  await announce(here, []);
  return outcome;
}

/** Keep how the last try went, and with it the last one that failed. */
async function noteTry(database: PersonDatabase, now: Failure): Promise<void> {
  const before = (await database.get("meta", "lastTry")) as LastTry | undefined;
  const failed = now.outcome === "all_sent" || now.outcome === "some_refused" ? before?.failed : now;
  await database.put("meta", { ...now, ...(failed ? { failed } : {}) } satisfies LastTry, "lastTry");
}

async function sendAndRead(here: Surroundings, database: PersonDatabase): Promise<Outcome> {
  let refused = 0;
  let doubtful = await someRefused(database);
  let turns = MOST_TURNS;
  for (;;) {
    if (here.stop?.aborted) throw new NoAnswer("stopped");
    const token = (await database.get("meta", "token")) as string | null | undefined;
    if (!token) throw new NoAnswer("signed_out");
    const budget = ((await database.get("meta", "budget")) as number | undefined) ?? FIRST;
    const batch = fitting(await database.getAll("outbox"), budget);
    here.onGoing?.(batch.map((each) => each.change.id));
    const reply = await ask(here, database, token, batch, budget, doubtful).catch(async (error: unknown) => {
      if (!(error instanceof NoAnswer)) throw error;
      if (error.why === "signed_out") await forget(database, token);
      if (error.tooLarge && batch.length) {
        refused += await tooLarge(database, batch);
        return null;
      }
      if (error.after === undefined || turns-- === 0) throw error;
      await pause(error.after, here.stop);
      return null;
    });
    if (!reply) continue; // our turn has come, or less is to go at once: with what waits by now
    doubtful = [];
    const applied = await apply(database, reply, batch);
    refused += applied.startOver ? 0 : reply.rejected.length;
    await announce(here, applied.startOver ? "all" : applied.touched);
    const left = (await database.getAll("outbox")).some((each) => !each.refused);
    if (applied.more || left) continue;
    const centre = { root: here.root, token, language: here.language, stop: here.stop };
    const through = await sendPictures(database, centre, () => announce(here, [])).catch(async (error: unknown) => {
      if (error instanceof NoAnswer && error.why === "signed_out") await forget(database, token);
      throw error;
    });
    if (through) return refused ? "some_refused" : "all_sent";
  }
}

/** The centre takes no message as large as *batch*: half of it goes; a change too large by itself holds up no other. How many were. */
async function tooLarge(database: PersonDatabase, batch: Waiting[]): Promise<number> {
  if (batch.length > 1) {
    const size = batch.reduce((sum, each) => sum + sizeOf(each), 0);
    await database.put("meta", size >> 1, "budget");
    return 0;
  }
  await database.put("outbox", { ...batch[0]!, refused: { reason: "too_large", detail: {}, onlyHere: true } });
  return 1;
}

/** Wait, unless *stop* says that there is no more use in it. */
function pause(seconds: number, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => (clearTimeout(timer), resolve());
    const timer = setTimeout(over, seconds * 1000);
    stop?.addEventListener("abort", over, { once: true });
  });
}

/** Whether the phone had no room for what was to be written. */
function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

/** Tell the screens; one that is gone by now does not undo what is on disk. */
async function announce(here: Surroundings, records: Id[] | "all"): Promise<void> {
  try {
    await here.onNews?.(records);
  } catch {
    // It reads everything from disk when it opens again.
  }
}

/** Forget a token that the centre refused, unless its owner has signed in again in the meantime. */
async function forget(database: PersonDatabase, token: string): Promise<void> {
  const work = database.transaction("meta", "readwrite");
  if ((await work.store.get("token")) === token) await work.store.put(null, "token");
  await work.done;
}

async function ask(
  here: Surroundings,
  database: PersonDatabase,
  token: string,
  batch: Waiting[],
  budget: number,
  refused: Id[],
): Promise<Reply> {
  const read = (key: string) => database.get("meta", key);
  const epoch = ((await read("epoch")) as string | undefined) ?? null;
  const areas = ((await read("areas")) as Record<Id, unknown> | undefined) ?? {};
  const cursors = ((await read("cursors")) as Record<Id, string | null> | undefined) ?? {};
  const marks = ((await read("marks")) as Record<Id, string> | undefined) ?? {};
  const lists = (await read("listsAt")) as number | undefined;
  // What is told beside must never keep a change from going.
  const report = await dueReport(database, here.version).catch(() => undefined);
  try {
    const reply = await exchange({
      root: here.root,
      token,
      language: here.language,
      epoch,
      areas: Object.fromEntries(Object.keys(areas).map((area) => [area, cursors[area] ?? null])),
      ...(Object.keys(marks).length ? { marks } : {}),
      refused,
      ...(lists ? { lists } : {}),
      changes: batch.map((each) => each.change),
      // A link that carried a large batch carries a large page.
      limit: Math.max(50, Math.min(1500, Math.round(budget / 100))),
      ...(report ? { report } : {}),
      ...(here.stop ? { stop: here.stop } : {}),
    });
    // Nor may a note about it, on a full disk, throw a good answer away.
    await database.put("meta", Math.min(LARGEST, budget * 2), "budget").catch(() => undefined);
    if (report) await reported(database).catch(() => undefined);
    return reply;
  } catch (error) {
    // On a link that lives twenty seconds, half as much may get through.
    if (error instanceof NoAnswer && (error.why === "timeout" || error.why === "offline"))
      await database.put("meta", Math.max(SMALLEST, Math.round(budget / 2)), "budget").catch(() => undefined);
    throw error;
  }
}

/** Refused changes that still stand here, for the centre to say what became of them; of many some, others the next time. */
async function someRefused(database: PersonDatabase): Promise<Id[]> {
  const all = (await database.getAll("outbox")).filter((each) => each.refused).map((each) => each.change.id);
  const first = all.length > MOST_ASKED_ABOUT ? Math.floor(Math.random() * all.length) : 0;
  return [...all.slice(first), ...all.slice(0, first)].slice(0, MOST_ASKED_ABOUT);
}

function sizeOf({ change }: Waiting): number {
  return JSON.stringify(change).length;
}

/** The oldest waiting changes that fit; always at least one. */
export function fitting(outbox: Waiting[], budget: number): Waiting[] {
  const batch: Waiting[] = [];
  let size = 0;
  for (const each of outbox) {
    if (each.refused) continue;
    size += sizeOf(each);
    if (batch.length && (size > budget || batch.length === MOST_CHANGES)) break;
    batch.push(each);
  }
  return batch;
}
