// What has reached the centre from this phone in the last thirty days: kept for the day when the centre loses it, and shown.
// Must never change anything: what leaves here leaves in `sync/apply.ts`.
import type { PersonDatabase, SentChange } from "./database";

export const KEEP_SENT = 30 * 24 * 3600 * 1000;

/**
 * Whether what was sent at *sentHere*, by this phone's clock, went lately. The thirty days are counted by the centre's clock,
 * and a hub without a battery for its own jumps from 1970 to today: then all would be over at once, on the day after a power cut.
 */
export function wentHereLately(sentHere: number | undefined, now = Date.now()): boolean {
  return sentHere !== undefined && sentHere <= now && now - sentHere < KEEP_SENT;
}

/** What went, the newest first, at most *most*; and how much there is in all. */
export async function wentLately(database: PersonDatabase, most: number): Promise<{ sent: SentChange[]; all: number }> {
  const index = database.transaction("sent").store.index("sentAt");
  const sent: SentChange[] = [];
  for (let cursor = await index.openCursor(null, "prev"); cursor && sent.length < most; cursor = await cursor.continue()) sent.push(cursor.value);
  return { sent, all: await index.count() };
}
