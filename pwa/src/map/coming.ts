// The map that is on its way to this phone, whichever screen is open: one at a time, tried again while the link breaks.
import { signal } from "@preact/signals";
import { book, boot } from "../app";
import { language } from "../words";
import { bring, offered, Stopped, type Centre, type Trouble } from "./fetching";
import { mapsDatabase, type Offer } from "./packs";

export interface Coming {
  id: string;
  bytes: number;
  /** Why it does not come on just now; it is tried again unless `isOver`. */
  trouble?: Trouble;
  isOver?: boolean;
}

export const coming = signal<Coming | null>(null);

const MOST_TRIES = 6; // in a row without a byte
const LONGEST_PAUSE = 30_000; // ms
let stop: AbortController | null = null;

/** Bring a map. Resolves when it is whole, was paused, or nothing more comes of trying; `coming` says which. */
export async function start(offer: Offer): Promise<void> {
  if (stop) return;
  const mine = (stop = new AbortController());
  // Two tabs that bring the same map would each throw away what the other has.
  await navigator.locks.request("nuong-maps", async () => {
    for (let tries = 0; !mine.signal.aborted; ) {
      const before = coming.value?.bytes ?? 0;
      try {
        await bring(await centre(), offer, (bytes) => (coming.value = { id: offer.id, bytes }), mine.signal);
        coming.value = null;
        break;
      } catch (error) {
        if (mine.signal.aborted) break;
        const { trouble, after } = error instanceof Stopped ? error : new Stopped("offline");
        const bytes = coming.value?.id === offer.id ? coming.value.bytes : 0;
        tries = bytes > before ? 1 : tries + 1;
        const isOver = tries >= MOST_TRIES || !(trouble === "offline" || trouble === "busy");
        coming.value = { id: offer.id, bytes, trouble, ...(isOver ? { isOver } : {}) };
        if (isOver) break;
        await pause(Math.max(after * 1000, Math.min(LONGEST_PAUSE, 1000 * 2 ** tries)), mine.signal);
      }
    }
  }).finally(() => {
    if (mine.signal.aborted) coming.value = null;
    if (stop === mine) stop = null;
  });
}

/** Let it be for now; what came is kept. */
export function rest(): void {
  stop?.abort();
}

/** What the centre offers: asked anew, or as it last was where there is no signal. */
export async function offers(): Promise<{ maps: Offer[]; isNew: boolean }> {
  const database = await mapsDatabase();
  const { user } = book();
  try {
    const maps = await offered(await centre());
    await database.put("offers", maps, user);
    return { maps, isNew: true };
  } catch {
    return { maps: (await database.get("offers", user)) ?? [], isNew: false };
  }
}

async function centre(): Promise<Centre> {
  const token = (await book().database.get("meta", "token")) as string | null | undefined;
  if (!token) throw new Stopped("signed_out");
  return { root: boot.root, token, language: language.value };
}

/** Until *ms* have passed, the phone finds a network, or it is not wanted any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(over, ms);
    function over() {
      clearTimeout(timer);
      removeEventListener("online", over);
      signal.removeEventListener("abort", over);
      done();
    }
    addEventListener("online", over);
    signal.addEventListener("abort", over);
  });
}
