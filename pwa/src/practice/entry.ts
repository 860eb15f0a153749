// A field book to practise in: a made-up area with people and plots, on this phone alone and open to anybody.
// Must never send anything, and never stand among the books of people: its name is none of a person.
import { deleteDB } from "idb";
import { signal } from "@preact/signals";
import { tell } from "../app";
import { openBook, type Book } from "../store/book";
import { beginPerson, DURABLE, type PersonDatabase } from "../store/database";
import { apply } from "../sync/apply";
import type { Outcome } from "../sync/run";
import { Triggers } from "../sync/triggers";
import { t } from "../words";
import { answerOf, firstAnswer } from "./area";

const PRACTICE = "practice";
/** Whether a book of practice stands on this phone. */
export const begun = signal(false);

/** Open the book of practice, with its made-up area in it where this is the first time. */
export async function openPractice(): Promise<{ book: Book; triggers: Triggers }> {
  const database = await beginPerson(PRACTICE);
  if (!(await database.get("meta", "begun"))) await fill(database);
  database.close();
  begun.value = true;
  const book = await openBook(PRACTICE);
  return { book, triggers: new Pretended(book, "", "", () => "") };
}

/** Take the book of practice away, with all that was tried in it. */
export async function wipePractice(): Promise<void> {
  await deleteDB(`nuong-${PRACTICE}`);
  begun.value = false;
}

async function fill(database: PersonDatabase): Promise<void> {
  const answer = firstAnswer();
  await apply(database, answer, []);
  const work = database.transaction("meta", "readwrite", DURABLE);
  // A token of nobody: the app must not ask to sign in, and no request bears it.
  void work.store.put(PRACTICE, "token");
  void work.store.put(true, "begun");
  await work.done;
}

/** Sending as it would go, without a request: what waits counts as arrived, so that the signs can be seen to change. */
class Pretended extends Triggers {
  constructor(
    private readonly practice: Book,
    ...rest: [root: string, version: string, language: () => string]
  ) {
    super(practice, ...rest);
  }

  override begin(): void {}

  override async now(): Promise<Outcome | null> {
    const { database } = this.practice;
    const waiting = (await database.getAll("outbox")).filter((each) => !each.refused);
    await apply(database, answerOf(waiting), waiting);
    const pictures = await database.getAllFromIndex("pictures", "state", "waiting");
    for (const each of pictures) await database.put("pictures", { ...each, state: "sent", sentAt: Date.now() });
    await this.practice.refresh({ all: true });
    tell(t("Practice: shown as sent. Nothing has left this phone."));
    return "all_sent";
  }
}
