// A sync from top to bottom, the same in the page and in the service worker.
import { openPerson, type PersonDatabase } from "../store/database";
import { countPictures } from "../store/pictures";
import { storageState } from "../store/storage";
import type { Id, Waiting } from "../store/types";
import { apply } from "./apply";
import { exchange, NoAnswer, type Reply } from "./exchange";
import { sendPictures } from "./pictures";

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
export type Outcome = "all_sent" | "some_refused" | NoAnswer["why"] | "broken";

const SMALLEST = 2_000;
const FIRST = 64_000;
const LARGEST = 400_000;
const MOST_CHANGES = 1000;
const REPORT_EVERY = 6 * 3600 * 1000;

/** Sync one person's book with the centre. Never throws: what happened is in the outcome, and kept as the last try. */
export function sync(here: Surroundings): Promise<Outcome> {
  // Tabs and the worker take turns; ids would make it harmless, but the link is too thin to send anything twice.
  const turn = async () => {
    const database = await openPerson(here.user);
    try {
      return await tryAll(here, database);
    } finally {
      here.onGoing?.([]);
      database.close();
    }
  };
  const name = `nuong-sync-${here.user}`;
  if (!here.stop) return navigator.locks.request(name, turn);
  return navigator.locks.request(name, { signal: here.stop }, turn).catch((error: unknown) => {
    if (here.stop?.aborted) return "stopped";
    throw error;
  });
}

async function tryAll(here: Surroundings, database: PersonDatabase): Promise<Outcome> {
  let outcome: Outcome;
  let detail = "";
  try {
    outcome = await sendAndRead(here, database);
  } catch (error) {
    outcome = error instanceof NoAnswer ? error.why : "broken";
    detail = error instanceof NoAnswer ? error.detail : String(error);
  }
  if (outcome !== "stopped") await database.put("meta", { at: Date.now(), outcome, detail }, "lastTry");
  await announce(here, []);
  return outcome;
}

async function sendAndRead(here: Surroundings, database: PersonDatabase): Promise<Outcome> {
  let refused = 0;
  for (;;) {
    const token = (await database.get("meta", "token")) as string | null | undefined;
    if (!token) throw new NoAnswer("signed_out");
    const budget = ((await database.get("meta", "budget")) as number | undefined) ?? FIRST;
    const batch = fitting(await database.getAll("outbox"), budget);
    here.onGoing?.(batch.map((each) => each.change.id));
    const reply = await ask(here, database, token, batch, budget).catch(async (error: unknown) => {
      if (error instanceof NoAnswer && error.why === "signed_out") await forget(database, token);
      throw error;
    });
    const applied = await apply(database, reply, batch);
    refused += applied.startOver ? 0 : reply.rejected.length;
    await announce(here, applied.startOver ? "all" : applied.touched);
    const left = (await database.getAll("outbox")).some((each) => !each.refused);
    if (applied.more || left) continue;
    const centre = { root: here.root, token, language: here.language };
    const through = await sendPictures(database, centre, () => announce(here, [])).catch(async (error: unknown) => {
      if (error instanceof NoAnswer && error.why === "signed_out") await forget(database, token);
      throw error;
    });
    if (through) return refused ? "some_refused" : "all_sent";
  }
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
): Promise<Reply> {
  const read = (key: string) => database.get("meta", key);
  const epoch = ((await read("epoch")) as string | undefined) ?? null;
  const areas = ((await read("areas")) as Record<Id, unknown> | undefined) ?? {};
  const cursors = ((await read("cursors")) as Record<Id, string | null> | undefined) ?? {};
  const report = await reportNow(here, database);
  try {
    const reply = await exchange({
      root: here.root,
      token,
      language: here.language,
      epoch,
      areas: Object.fromEntries(Object.keys(areas).map((area) => [area, cursors[area] ?? null])),
      changes: batch.map((each) => each.change),
      // A link that carried a large batch carries a large page.
      limit: Math.max(50, Math.min(1500, Math.round(budget / 100))),
      ...(report ? { report } : {}),
      ...(here.stop ? { stop: here.stop } : {}),
    });
    await database.put("meta", Math.min(LARGEST, budget * 2), "budget");
    if (report) await database.put("meta", Date.now(), "reportedAt");
    return reply;
  } catch (error) {
    // On a link that lives twenty seconds, half as much may get through.
    if (error instanceof NoAnswer && (error.why === "timeout" || error.why === "offline"))
      await database.put("meta", Math.max(SMALLEST, Math.round(budget / 2)), "budget");
    throw error;
  }
}

/** The oldest waiting changes that fit; always at least one. */
export function fitting(outbox: Waiting[], budget: number): Waiting[] {
  const batch: Waiting[] = [];
  let size = 0;
  for (const each of outbox) {
    if (each.refused) continue;
    size += JSON.stringify(each.change).length;
    if (batch.length && (size > budget || batch.length === MOST_CHANGES)) break;
    batch.push(each);
  }
  return batch;
}

async function reportNow(here: Surroundings, database: PersonDatabase): Promise<object | undefined> {
  const last = ((await database.get("meta", "reportedAt")) as number | undefined) ?? 0;
  if (Date.now() - last < REPORT_EVERY) return undefined;
  const outbox = await database.getAll("outbox");
  const oldest = outbox.find((each) => !each.refused);
  const storage = await storageState();
  const pictures = await countPictures(database);
  const lastTry = (await database.get("meta", "lastTry")) as { outcome: string } | undefined;
  return {
    app: here.version,
    unsent: outbox.filter((each) => !each.refused).length,
    refused: outbox.filter((each) => each.refused).length,
    oldest_unsent: oldest ? new Date(oldest.savedAt).toISOString() : null,
    pictures_waiting: pictures.waiting,
    pictures_waiting_bytes: pictures.waitingBytes,
    pictures_refused: pictures.refused,
    free_bytes: storage.freeBytes,
    persistent: storage.persistent,
    last_outcome: lastTry?.outcome ?? null,
  };
}
