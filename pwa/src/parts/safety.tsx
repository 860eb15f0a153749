// The safety copy on the screen: write one, read one in, and what came of it in words.
import { useRef, useState } from "preact/hooks";
import { book, open, tell } from "../app";
import { bring } from "../late";
import { now } from "../clock";
import { openPerson } from "../store/database";
import { currentPerson, deviceId } from "../store/session";
import type { TakenIn, Unsent } from "../safety/entry";
import { localDay, t } from "../words";

const load = () => bring(() => import("../safety/entry"));

export function SafetyCopy() {
  const { counts, drafts, pictures } = book();
  const { waiting, refused } = counts.value;
  const anything = waiting + refused + drafts.value.length + pictures.value.waiting + pictures.value.refused > 0;
  return (
    <section data-test="safety-copy">
      <h2>{t("Safety copy")}</h2>
      <p class="quiet">
        {t("A file with all that has not reached the centre. Keep it on another phone or a memory card: any phone with Nương, or your manager, can read it in.")}
      </p>
      {anything ? <WriteCopy /> : <p class="quiet">{t("Nothing to keep: everything of yours has reached the centre.")}</p>}
      <ReadCopy />
    </section>
  );
}

export function WriteCopy() {
  const [busy, setBusy] = useState(false);
  const keep = async () => {
    setBusy(true);
    try {
      await hand(await file());
    } catch (error) {
      tell(t("The safety copy could not be written: {reason}", { reason: (error as Error).message || (error as Error).name }));
    }
    setBusy(false);
  };
  return (
    <button type="button" class="wide" data-test="write-copy" disabled={busy} onClick={() => void keep()}>
      {t("Write a safety copy")}
    </button>
  );
}

async function file(): Promise<File> {
  const { unsentOf, write } = await load();
  const { database, user, waiting, drafts, closedBy } = book();
  const person = await currentPerson();
  const author = { id: user, username: person?.username ?? "", name: person?.name ?? "" };
  const inMemory = { changes: waiting.value.map((each) => each.change), drafts: drafts.value, pictures: [] };
  const unsent = closedBy.value ? await reopened(user).catch(() => inMemory) : await unsentOf(database);
  if (unsent === inMemory && book().pictures.value.waiting) tell(t("The pictures could not be read: they are not in this copy."));
  const made = new Date(now());
  const bytes = write(unsent, author, await deviceId(), made.toISOString());
  const clock = `${String(made.getHours()).padStart(2, "0")}${String(made.getMinutes()).padStart(2, "0")}`;
  const name = `nuong-${author.username || "so"}-${localDay(made)}-${clock}.zip`;
  return new File([bytes as BlobPart], name, { type: "application/zip" });
}

/** A database that was taken away while the app stood open may open once more; else what is in memory is all there is. */
async function reopened(user: string): Promise<Unsent> {
  const { unsentOf } = await load();
  const database = await openPerson(user);
  try {
    // What is typed is newest in memory.
    return { ...(await unsentOf(database)), drafts: book().drafts.value };
  } finally {
    database.close();
  }
}

/** Into the phone's own list of ways to share, where it takes such a file; else among the downloads. */
async function hand(copy: File): Promise<void> {
  if (navigator.canShare?.({ files: [copy] })) {
    try {
      return await navigator.share({ files: [copy], title: copy.name });
    } catch (error) {
      // Whoever closes the list wants no file; where sharing itself fails there still are downloads.
      if ((error as DOMException).name === "AbortError") return;
    }
  }
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(copy), download: copy.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  tell(t("Written among the downloads: {name}", { name: copy.name }));
}

function ReadCopy() {
  const input = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  const [wrong, setWrong] = useState("");
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    setSaid("");
    setWrong("");
    const { takeIn } = await load();
    try {
      const taken = await takeIn(book().database, new Uint8Array(await chosen.arrayBuffer()));
      setSaid(takenSentence(taken));
      await book().refresh({ all: true });
      void open.value?.triggers.now();
    } catch (error) {
      setWrong(wrongSentence(error));
    }
    // The same file may be chosen again.
    if (input.current) input.current.value = "";
  };
  return (
    <>
      <label class="button">
        {t("Read a safety copy in")}
        <input
          ref={input}
          class="hidden"
          type="file"
          accept=".zip,application/zip"
          data-test="read-copy"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
      </label>
      <p role="status" data-test="copy-said">
        {said}
      </p>
      {wrong && (
        <p class="fault" role="alert" data-test="copy-wrong">
          {wrong}
        </p>
      )}
    </>
  );
}

function takenSentence({ author, added, known, elsewhere, drafts, pictures }: TakenIn): string {
  const whose = author.id === book().user ? "" : t("These are entries of {name}; they are sent in your name.", { name: author.name || author.username });
  return [
    t("Taken in: {added} entries, {drafts} drafts, {pictures} pictures. {known} entries were known already.", { added, drafts, pictures, known }),
    added ? whose : "",
    elsewhere ? t("{count} are of areas that are not yours: the centre may refuse them.", { count: elsewhere }) : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function wrongSentence(error: unknown): string {
  switch ((error as { why?: string }).why) {
    case "foreign":
      return t("This is no safety copy of Nương. Nothing was changed. Choose a file whose name begins with “nuong-”.");
    case "newer":
      return t("This copy was written by a newer Nương. Nothing was changed. Update the app here, then read it in again.");
    case "broken":
      return t("This safety copy is damaged or not whole. Nothing was changed. Copy it here again from where it was written.");
    default:
      return t("The safety copy could not be read in: {reason}. Nothing was changed.", { reason: (error as Error).message || (error as Error).name });
  }
}
