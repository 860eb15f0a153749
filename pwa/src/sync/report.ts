// What a phone tells of itself, for the manager's eyes: now and then, and at once when something was lost.
import type { LastTry } from "../store/types";
import { losses, note } from "../store/lost";
import { deviceDatabase } from "../store/session";
import { countPictures } from "../store/pictures";
import { storageState } from "../store/storage";
import type { PersonDatabase } from "../store/database";

const EVERY = 6 * 3600 * 1000;

export interface Report {
  app: string;
  unsent: number;
  refused: number;
  oldest_unsent: string | null;
  drafts: number;
  pictures_waiting: number;
  pictures_waiting_bytes: number;
  pictures_refused: number;
  free_bytes: number | null;
  /** Whether the browser has promised to keep what is here; null: it does not say. */
  persistent: boolean | null;
  last_outcome: string | null;
  /** The last try that failed, with the words of whoever said why. */
  last_error: { at: string; outcome: string; detail: string } | null;
  /** What the browser threw away in the last month. */
  storage_lost?: { at: string; what: string; unsent: number | null }[];
}

/** The report, where one is due. */
export async function dueReport(database: PersonDatabase, version: string): Promise<Report | undefined> {
  const last = ((await database.get("meta", "reportedAt")) as number | undefined) ?? 0;
  const lost = await losses(await deviceDatabase());
  // A clock that was set back must not silence the phone until that day comes again.
  const lately = last <= Date.now() && Date.now() - last < EVERY;
  if (lately && lost.every((each) => each.reported)) return undefined;
  const outbox = await database.getAll("outbox");
  const waiting = outbox.filter((each) => !each.refused);
  const off = ((await database.get("meta", "clockBehind")) as number | undefined) ?? 0;
  const at = (moment: number) => new Date(moment + off).toISOString();
  const storage = await storageState();
  const pictures = await countPictures(database);
  const lastTry = (await database.get("meta", "lastTry")) as LastTry | undefined;
  const error = lastTry?.failed;
  return {
    app: version,
    unsent: waiting.length,
    refused: outbox.length - waiting.length,
    oldest_unsent: waiting[0] ? at(Math.min(...waiting.map((each) => each.savedAt))) : null,
    drafts: await database.count("drafts"),
    pictures_waiting: pictures.waiting,
    pictures_waiting_bytes: pictures.waitingBytes,
    pictures_refused: pictures.refused,
    free_bytes: storage.freeBytes,
    persistent: storage.persistent,
    last_outcome: lastTry?.outcome ?? null,
    last_error: error ? { at: at(error.at), outcome: error.outcome, detail: (error.detail ?? "").slice(0, 500) } : null,
    ...(lost.length ? { storage_lost: lost.map((each) => ({ at: at(each.at), what: each.what, unsent: each.unsent })) } : {}),
  };
}

/** The centre has it. */
export async function reported(database: PersonDatabase): Promise<void> {
  await database.put("meta", Date.now(), "reportedAt");
  await note(await deviceDatabase(), "reported");
}
