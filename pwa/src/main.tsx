// The officer's app begins here.
import { effect } from "@preact/signals";
import { render } from "preact";
import { boot, open, opening, said, storage, unreadLosses } from "./app";
import { comeBack } from "./forms/standing";
import { App } from "./screens/app";
import { register } from "./pwa";
import { openBook, type Book } from "./store/book";
import { losses, marks } from "./store/lost";
import { currentPerson, deviceDatabase } from "./store/session";
import { storageState } from "./store/storage";
import { Triggers } from "./sync/triggers";
import { language, speak } from "./words";

let over: (() => void)[] = [];

/** Open the book of whoever is signed in; again after somebody signed in or out. */
export async function begin(): Promise<void> {
  leave();
  try {
    const person = await currentPerson();
    unreadLosses.value = (await losses(await deviceDatabase())).filter((each) => !each.read);
    const book = person && (await openBook(person.id, () => (opening.value = "held")));
    opening.value = null;
    if (book) await comeBack(book);
    else nothingOfTheLast();
    open.value = book ? enter(book) : null;
    open.value?.triggers.begin();
  } catch (error) {
    if ((error as DOMException).name !== "VersionError") throw error;
    opening.value = "newer";
  }
}

function enter(book: Book): typeof open.value {
  const triggers = new Triggers(book, boot.root, boot.version, () => language.value);
  over = [
    () => triggers.end(),
    () => book.close(),
    // How much waits, for the day when the browser throws the rest away.
    effect(() => marks.set(book.user, book.counts.value.waiting + book.counts.value.refused)),
    // After each contact and each save: that is when room is taken.
    effect(() => {
      void [book.lastContact.value, book.counts.value.waiting];
      void storageState().then((found) => (storage.value = found));
    }),
  ];
  return { book, triggers };
}

/** Whoever comes next begins at home, and is told nothing of what the last one did. */
function nothingOfTheLast(): void {
  said.value = null;
  // The code that a manager shows is nothing of the last: it is how the next begins.
  if (!location.hash.startsWith("#/enrol/")) history.replaceState(null, "", "#/");
}

function leave(): void {
  for (const each of over) each();
  over = [];
}

speak(language.value);
effect(() => void (document.documentElement.lang = language.value));
render(<App begin={begin} />, document.getElementById("app")!);
void begin();
void register(boot.root);
