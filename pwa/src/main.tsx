// The officer's app begins here.
import { effect } from "@preact/signals";
import { render } from "preact";
import { boot, open, opening, said, storage, unreadLosses } from "./app";
import { isFirefox, remember, remembered } from "./browser";
import { comeBack } from "./forms/standing";
import { App } from "./screens/app";
import { bring } from "./late";
import { arrived } from "./place";
import { practising } from "./practice/standing";
import { register } from "./pwa";
import { onHome } from "./screens/today";
import { openBook, type Book } from "./store/book";
import { losses, marks } from "./store/lost";
import { currentId, currentPerson, deviceDatabase, onOtherPerson } from "./store/session";
import { askToKeep, storageState } from "./store/storage";
import { Triggers } from "./sync/triggers";
import { language, speak } from "./words";

let over: (() => void)[] = [];
let begun = 0;

/** Open the book of whoever is signed in; again after somebody signed in or out. The last call counts, however long one
 * before it takes. */
export async function begin(): Promise<void> {
  const mine = ++begun;
  leave();
  try {
    const practice = practising.value ? await practiceBook() : null;
    const book = practice ? practice.book : await ownBook();
    if (mine !== begun) return book?.close();
    opening.value = null;
    if (practice) {
      over = [() => practice.book.close()];
      open.value = practice;
      return;
    }
    if (!book) nothingOfTheLast();
    arrived();
    open.value = book ? enter(book) : null;
    open.value?.triggers.begin();
  } catch (error) {
    if ((error as DOMException).name !== "VersionError") throw error;
    opening.value = "newer";
  }
}

/** The book to practise in: nothing of it is sent, marked as somebody's, or missed when it goes. */
async function practiceBook(): Promise<NonNullable<typeof open.value>> {
  const { openPractice } = await bring(() => import("./practice/entry"));
  return openPractice();
}

/** The book of the person who is signed in here, with the form open that stood open when the app was ended. */
async function ownBook(): Promise<Book | null> {
  const person = await currentPerson();
  unreadLosses.value = (await losses(await deviceDatabase())).filter((each) => !each.read);
  if (!person) return null;
  const book = await openBook(person.id, () => (opening.value = "held"));
  await comeBack(book);
  return book;
}

function enter(book: Book): typeof open.value {
  const triggers = new Triggers(book, boot.root, boot.version, () => language.value);
  over = [
    () => triggers.end(),
    () => book.close(),
    // How much waits, for the day when the browser throws the rest away.
    effect(() =>
      marks.set(book.user, {
        unsent: book.counts.value.waiting + book.counts.value.refused,
        pictures: book.pictures.value.waiting + book.pictures.value.refused,
        drafts: book.drafts.value.length,
      }),
    ),
    // The service worker asks in the language that is read here.
    effect(() => void book.database.put("meta", language.value, "language").catch(() => undefined)),
    // After each contact and each save: that is when room is taken.
    effect(() => {
      void [book.lastContact.value, book.counts.value.waiting];
      void storageState().then((found) => (storage.value = found));
    }),
    // The first time that something stands only here is the moment to ask the browser to keep it. Where that opens a
    // question of its own, `Welcome` says first what it is for.
    effect(() => {
      if (!book.counts.value.waiting || remembered()["saved"]) return;
      remember("saved");
      if (!isFirefox) void askToKeep();
    }),
    glancing(book),
    effect(() => void (book.whole.value && makeReady(book))),
  ];
  return { book, triggers };
}

/** While nobody waits for it: what home leads to is brought, and the words are looked up that somebody may search for. */
function makeReady(book: Book): void {
  const pages = [import("./screens/find"), import("./screens/plot"), import("./screens/farmer"), import("./screens/record")];
  Promise.all([import("./finding/prepared"), ...pages]).then(
    ([{ prepare }]) => {
      // What a sync brings is looked up as it comes: whoever searches next does not wait for all of it.
      if (open.value?.book === book) over.push(effect(() => void (book.revision.value, prepare(book))));
    },
    () => undefined, // a piece that is missing is said where somebody comes to it
  );
}

/** Keep what home shows whenever that may have changed: the next opening begins with it. */
function glancing(book: Book): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    void [book.revision.value, book.recent.value];
    clearTimeout(soon);
    // On a full disk the next opening takes a second longer.
    soon = setTimeout(() => void book.keepGlance(onHome(book)).catch(() => undefined), 1000);
  });
  return () => (stop(), clearTimeout(soon));
}

/** Whoever comes next begins at home, and is told nothing of what the last one did. */
function nothingOfTheLast(): void {
  said.value = null;
  // The code that a manager shows is nothing of the last: it is how the next begins; the help is anybody's.
  if (!/^#\/(enrol|help|tour)\b/.test(location.hash)) history.replaceState(null, "", "#/");
}

function leave(): void {
  for (const each of over) each();
  over = [];
}

/** Somebody has signed in or out in another tab: what is typed here goes to disk as theirs who typed it, and this tab follows. */
async function follow(): Promise<void> {
  const here = open.value;
  if (practising.value || here === undefined || (await currentId()) === here?.book.user) return;
  await here?.book.putAway();
  await begin();
}

speak(language.value);
effect(() => void (document.documentElement.lang = language.value));
render(<App begin={begin} />, document.getElementById("app")!);
void begin();
onOtherPerson(() => void follow());
document.addEventListener("visibilitychange", () => void (document.visibilityState === "visible" && follow()));
void register(boot.root);
