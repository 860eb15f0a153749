// What the browser threw away, said plainly and until somebody has read it.
import { useEffect, useState } from "preact/hooks";
import { book, open, tell, unreadLosses } from "../app";
import { right } from "../clock";
import { bring } from "../late";
import { practising } from "../practice/standing";
import { openPerson } from "../store/database";
import { note, type Loss } from "../store/lost";
import { deviceDatabase, deviceId, earlierWork, takenOver } from "../store/session";
import { sayTime, t } from "../words";

export function Lost() {
  return (
    <>
      <Wiped />
      {open.value && !practising.value && <Earlier key={open.value.book.user} />}
    </>
  );
}

/** What stands here of an account of the same name that the centre does not know any more. */
function Earlier() {
  const [found, setFound] = useState<Awaited<ReturnType<typeof earlierWork>>>([]);
  const [wrong, setWrong] = useState("");
  useEffect(() => void earlierWork(book().user).then(setFound, () => undefined), []);
  const take = async () => {
    try {
      const { takeIn, unsentOf, write } = await bring(() => import("../safety/entry"));
      for (const { person } of found) {
        const database = await openPerson(person.id);
        const copy = write(await unsentOf(database), person, await deviceId(), new Date().toISOString());
        database.close();
        await takeIn(book().database, copy);
        await takenOver(person.id);
      }
      setFound([]);
      await book().refresh({ all: true });
      tell(t("Taken over. It is sent in your name."));
      void open.value?.triggers.now();
    } catch (error) {
      setWrong(t("This could not be taken over: {reason}. Nothing of it is lost; try again.", { reason: (error as Error).message || (error as Error).name }));
    }
  };
  if (!found.length) return null;
  return (
    <div class="notice alarm" role="alert" data-test="earlier">
      {found.map(({ person, entries, drafts, pictures }) => (
        <p key={person.id}>
          {t("On this phone stands work of an earlier account “{name}” that has not reached the centre: {entries} entries, {pictures} pictures, {drafts} drafts. That account can sign in no more.", {
            name: person.username,
            entries,
            pictures,
            drafts,
          })}
        </p>
      ))}
      {wrong && <p class="fault">{wrong}</p>}
      <button type="button" data-test="take-over" onClick={() => void take()}>
        {t("It is mine: take it over")}
      </button>
    </div>
  );
}

function Wiped() {
  const found = unreadLosses.value;
  if (!found.length) return null;
  const read = async () => {
    await note(await deviceDatabase(), "read");
    unreadLosses.value = [];
  };
  return (
    <div class="notice alarm" role="alert" data-test="storage-lost">
      {found.map((each) => (
        <p key={each.at + each.what}>{sentenceOf(each)}</p>
      ))}
      <button type="button" onClick={() => void read()}>
        {t("I understand")}
      </button>
    </div>
  );
}

function sentenceOf({ what, unsent, at, pictures = 0, drafts = 0 }: Loss): string {
  if (what === "device")
    return t("The browser had removed a part of what Nương keeps on this phone. Your records were found again, with all that is unsent.");
  const gone = t(
    "The browser has removed what Nương kept on this phone (noticed {time}). What had reached the centre is safe and comes back when you sign in.",
    { time: sayTime(right(at)) },
  );
  if (unsent === 0 && !pictures && !drafts) return [gone, t("Nothing was waiting to be sent.")].join(" ");
  const lost =
    unsent === null
      ? t("What had not reached it is gone from here: read in your safety copy if you have one, and tell your manager.")
      : t("What had not reached it is gone from here: {entries} entries, {pictures} pictures, {drafts} drafts. Read in your safety copy if you have one, and tell your manager.", {
          entries: unsent,
          pictures,
          drafts,
        });
  return `${gone} ${lost}`;
}
