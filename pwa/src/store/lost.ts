// Notices what the browser threw away of the app's data, so that it is said and reported, not silently begun anew.
// Must never throw anything away itself, and never tell one person of another's work.
import { DURABLE, openPerson, peopleOnDisk, Vanished, type DeviceDatabase, type Person } from "./database";
import type { Id } from "./types";

/** What is missing: everything, one person's records, or only what the phone knew of itself and its people. */
export type What = "all" | "records" | "device";

export interface Loss {
  at: number;
  what: What;
  /** How many entries waited when this was last noted; null: not known. */
  unsent: number | null;
  /** How many pictures waited then, and how many forms were half filled in. */
  pictures?: number;
  drafts?: number;
  /** The person on this phone has read of it. */
  read?: true;
  /** The centre has been told of it once; it stays in the reports for a month. */
  reported?: true;
}

const KEEP = 30 * 24 * 3600 * 1000;

/** Compare what stands on this phone with what should, and keep what is missing as losses. */
export async function lookForLosses(device: DeviceDatabase): Promise<void> {
  const there = await peopleOnDisk();
  const known = await device.getAllKeys("people");
  const marked = marks.all();
  const noticed: Loss[] = [];
  if (there) for (const user of there) if (!known.includes(user) && (await foundAgain(device, user))) noticed.push(loss("device", NONE));
  for (const user of new Set([...known, ...Object.keys(marked)])) {
    if (there ? there.includes(user) : known.includes(user) && (await opens(user))) continue;
    if (!there && !known.includes(user) && (await opens(user))) continue;
    noticed.push(loss(known.includes(user) ? "records" : "all", marked[user]));
    await forgetPerson(device, user);
  }
  if (noticed.length) await keep(device, [...(await losses(device)), ...noticed]);
}

/** What was lost on this phone in the last month, oldest first. */
export async function losses(device: DeviceDatabase): Promise<Loss[]> {
  const all = ((await device.get("meta", "losses")) as Loss[] | undefined) ?? [];
  return all.filter((each) => each.at > Date.now() - KEEP);
}

/** Note that all losses so far were read on this phone, or told to the centre. */
export async function note(device: DeviceDatabase, word: "read" | "reported"): Promise<void> {
  await keep(device, (await losses(device)).map((each) => ({ ...each, [word]: true as const })));
}

async function keep(device: DeviceDatabase, all: Loss[]): Promise<void> {
  await device.put("meta", all, "losses");
}

function loss(what: What, only: Only | undefined): Loss {
  return { at: Date.now(), what, unsent: only?.unsent ?? null, ...(only && { pictures: only.pictures, drafts: only.drafts }) };
}

async function opens(user: Id): Promise<boolean> {
  try {
    (await openPerson(user)).close();
    return true;
  } catch (error) {
    return !(error instanceof Vanished);
  }
}

/** Somebody's records stand here and the phone has forgotten whose: they are taken up again. */
async function foundAgain(device: DeviceDatabase, user: Id): Promise<boolean> {
  const book = await openPerson(user);
  const read = (key: string) => book.get("meta", key);
  const [begun, person, token, id] = await Promise.all([read("begun"), read("person"), read("token"), read("device")]);
  book.close();
  // A sign-in that was killed half-way left an empty one.
  if (!begun) return false;
  const work = device.transaction(["people", "meta"], "readwrite", DURABLE);
  void work.objectStore("people").put((person as Person | undefined) ?? { id: user, username: "", name: "" });
  const meta = work.objectStore("meta");
  if (id && !(await meta.get("device"))) void meta.put(id, "device");
  // Whoever signs out leaves no token: the one that stands is of the person who was at work.
  if (token && !(await meta.get("current"))) void meta.put(user, "current");
  await work.done;
  marks.set(user, marks.all()[user] ?? NONE);
  return true;
}

async function forgetPerson(device: DeviceDatabase, user: Id): Promise<void> {
  const work = device.transaction(["people", "meta"], "readwrite", DURABLE);
  void work.objectStore("people").delete(user);
  if ((await work.objectStore("meta").get("current")) === user) void work.objectStore("meta").delete("current");
  await work.done;
  marks.drop(user);
}

/** How much stands on this phone alone. */
export interface Only {
  unsent: number;
  pictures: number;
  drafts: number;
}

export const NONE: Only = { unsent: 0, pictures: 0, drafts: 0 };

// A mark outside the databases: who has records here, and how much of them stood here alone when it was last written.
const MARK = "nuong-had-data";

export const marks = {
  all(): Record<Id, Only> {
    try {
      const kept = JSON.parse(localStorage.getItem(MARK) ?? "{}") as Record<Id, Only | number>;
      // An earlier version wrote how many entries waited, and nothing else.
      return Object.fromEntries(Object.entries(kept).map(([user, only]) => [user, typeof only === "number" ? { ...NONE, unsent: only } : only]));
    } catch {
      // No local storage: then one kind of loss can't be noticed, but nothing else depends on it.
      return {};
    }
  },
  set(user: Id, only: Only): void {
    const all = marks.all();
    const before = all[user];
    if (before && before.unsent === only.unsent && before.pictures === only.pictures && before.drafts === only.drafts) return;
    write({ ...all, [user]: only });
  },
  drop(user: Id): void {
    const { [user]: _gone, ...rest } = marks.all();
    write(rest);
  },
};

function write(all: Record<Id, Only>): void {
  try {
    localStorage.setItem(MARK, JSON.stringify(all));
  } catch {
    // as above
  }
}
