// What is known beside the records: who one is and where, how the last sync went, what is still to be read.
import { learnLists, listsKnown, type Held } from "../records/lists";
import type { PersonDatabase } from "./database";
import { countPictures, type PictureCounts } from "./pictures";
import type { Area, Id, LastTry } from "./types";

/** As `Book` shows it: see the signals there. `clockBehind`: ms by which this phone's clock is behind the centre's. */
export interface Known {
  areas: Record<Id, Area>;
  people: Record<Id, string>;
  pictures: PictureCounts;
  lastContact: number | null;
  lastTry: LastTry | null;
  signedIn: boolean;
  reading: boolean;
  left: number;
  recent: Id[];
  clockBehind: number | undefined;
}

/** All of it, as it stands on disk; the installation's own lists are learnt by the way. */
export async function readKnown(database: PersonDatabase, user: Id): Promise<Known> {
  const { store } = database.transaction("meta");
  const read = <T>(key: string) => store.get(key) as Promise<T | undefined>;
  const [areas, people, lastContact, lastTry, token, cursors, more, left, clockBehind, recent, listsAt] = await Promise.all([
    read<Record<Id, Area>>("areas"),
    read<Record<Id, string>>("people"),
    read<number>("lastContact"),
    read<LastTry>("lastTry"),
    read<string | null>("token"),
    read<Record<Id, string | null>>("cursors"),
    read<Id[]>("more"),
    read<number>("left"),
    read<number>("clockBehind"),
    read<Id[]>("recent"),
    read<number>("listsAt"),
  ]);
  // Thousands of entries are read when they are others, not with each save.
  const mark = `${user} ${listsAt ?? 0}`;
  if (!listsKnown(mark)) learnLists(mark, (await database.get("meta", "lists")) as Held | undefined);
  return {
    areas: areas ?? {},
    people: people ?? {},
    pictures: await countPictures(database),
    lastContact: lastContact ?? null,
    lastTry: lastTry ?? null,
    signedIn: !!token,
    // An area without a cursor: nothing of it was read yet.
    reading: !!more?.length || Object.keys(areas ?? {}).some((area) => !cursors?.[area]),
    left: left ?? 0,
    recent: recent ?? [],
    clockBehind,
  };
}
