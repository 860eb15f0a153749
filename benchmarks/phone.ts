// A phone to measure: the app's own book, sync and triggers in Node, over fake-indexeddb and Node's fetch. Reads a line of
// JSON for each step and prints what it took. Must never do anything that the app does not.
import "fake-indexeddb/auto";
import { createInterface } from "node:readline";
import { openBook, type Book } from "../pwa/src/store/book";
import { beginPerson } from "../pwa/src/store/database";
import type { Fields, Id } from "../pwa/src/store/types";
import { Triggers } from "../pwa/src/sync/triggers";

interface Entry {
  record: Id;
  type: string;
  fields: Fields;
}

type Step =
  | { step: "begin"; user: Id; area: Id; token: string }
  | { step: "work"; entries: Entry[] }
  | { step: "sync"; root: string };

/** What Node lacks of a browser: one tab, in the foreground, that believes in its link as phones do. */
const locks = { request: (_name: string, ...more: unknown[]) => (more.at(-1) as () => Promise<unknown>)() };
Object.defineProperty(globalThis, "navigator", {
  value: { locks, onLine: true, userAgent: "Mozilla/5.0 (Linux; Android 13; SM-A045F)", platform: "Linux" },
});
const page = { visibilityState: "visible", addEventListener() {}, removeEventListener() {} };
Object.assign(globalThis, { document: page, addEventListener() {}, removeEventListener() {} });

let book: Book;
let area: Id;

const steps = {
  async begin(step: Step & { step: "begin" }): Promise<void> {
    const database = await beginPerson(step.user);
    await database.put("meta", step.token, "token");
    await database.put("meta", { [step.area]: { name: "HTX Chiềng Mung", role: "officer" } }, "areas");
    await database.put("meta", Date.now(), "reportedAt"); // the report goes every six hours, not with each day's work
    database.close();
    area = step.area;
    book = await openBook(step.user);
  },

  async work(step: Step & { step: "work" }): Promise<void> {
    for (const { record, type, fields } of step.entries) await book.save({ type, area, record, set: fields });
  },

  /** Begin as the app does when it is opened, and leave it to itself until all is through. */
  async sync(step: Step & { step: "sync" }): Promise<void> {
    const triggers = new Triggers(book, step.root, "bench", () => "vi");
    const through = () => book.counts.value.waiting === 0 && book.lastTry.value?.outcome === "all_sent";
    const asked = Date.now();
    triggers.begin();
    while (!(through() && book.lastTry.value!.at >= asked)) await new Promise((resolve) => setTimeout(resolve, 10));
    triggers.end();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line) as Step;
  const start = performance.now();
  await steps[step.step](step as never);
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000 }));
}
process.exit(0);
