// The phone's own code under the simulator: its book and its sync in a process that can be killed with -9.
// Reads a command a line, answers a line; its network is the simulator's, who sees each request and says what came back.
// Must never hold a rule: what a person does at the screens is asked of the book, as the screens ask it.
import { disk, setClock } from "./clockwork";
import { onCommit, readDisk } from "./disk";
import "../pwa/phone";
import { createInterface } from "node:readline";
import { openBook, type Book } from "../../pwa/src/store/book";
import type { Edit, Fields, Id, Json, Shown } from "../../pwa/src/store/types";
import { openPerson } from "../../pwa/src/store/database";
import { currentPerson, signIn, signOut } from "../../pwa/src/store/session";
import { sync } from "../../pwa/src/sync/run";

const ROOT = "http://centre/";
let book: Book | undefined;
/** Lines that answer a request of the app's, by its number. */
const asked = new Map<number, (answer: Answer) => void>();

interface Answer {
  status: number;
  type: string;
  /** base64 */
  body: string;
  /** The connection breaks after the body, or (no status) before anything came. */
  broken: boolean;
}

function say(line: object): void {
  process.stdout.write(JSON.stringify(line) + "\n");
}

let requests = 0;
globalThis.fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
  const body = Buffer.from(await new Response(init.body ?? null).arrayBuffer()).toString("base64");
  requests += 1;
  const number = requests;
  const answer = await new Promise<Answer>((resolve) => {
    asked.set(number, resolve);
    const headers = Object.fromEntries(new Headers(init.headers));
    say({ asks: number, url: String(url), method: init.method ?? "GET", headers, body });
  });
  if (!answer.status) throw new TypeError("fetch failed");
  const bytes = new Uint8Array(Buffer.from(answer.body, "base64"));
  const stream = new ReadableStream<Uint8Array>({
    start(control) {
      if (bytes.length) control.enqueue(bytes);
      if (answer.broken) control.error(new TypeError("terminated"));
      else control.close();
    },
  });
  const hasBody = ![204, 205, 304].includes(answer.status);
  return new Response(hasBody ? stream : null, {
    status: answer.status,
    headers: answer.type ? { "Content-Type": answer.type } : {},
  });
};

// What a person does -------------------------------------------------------------------------------------------------

interface Command {
  do: keyof typeof doing;
  args: Record<string, unknown>;
  /** The commit of this command at which the battery is pulled: its number, and whether just before or just after. */
  dies?: { at: number; after: boolean };
}

function open(): Book {
  if (!book) throw new Error("nobody is signed in");
  return book;
}

async function reopen(): Promise<void> {
  book?.close();
  const person = await currentPerson();
  book = person && (await openBook(person.id));
}

/** What a screen shows of a record. */
function screen(record: Shown): object {
  const { id, type, area, fields, heads, conflicts, deleted, state } = record;
  return { id, type, area, fields, heads, conflicts, deleted, state };
}

const doing = {
  signIn: async ({ username, password }: Record<string, unknown>) => {
    await signIn(ROOT, { username: username as string, password: password as string }, "vi");
    await reopen();
    return open().user;
  },
  signOut: async () => {
    await signOut(ROOT, open().user);
    await reopen();
    return null;
  },
  clock: async ({ to }: Record<string, unknown>) => {
    setClock(to as number);
    return null;
  },
  save: async (edit: Record<string, unknown>) => open().save(edit as unknown as Edit),
  remove: async ({ record }: Record<string, unknown>) => open().remove(record as Id),
  restore: async ({ record }: Record<string, unknown>) => open().restore(record as Id),
  settle: async ({ record, field, value }: Record<string, unknown>) =>
    open().settle(open().get(record as Id)!, field as string, value as Json),
  discard: async ({ change }: Record<string, unknown>) => {
    await open().discardRefused(change as Id);
    return null;
  },
  mend: async ({ change, set }: Record<string, unknown>) => {
    await open().mendRefused(change as Id, set as Fields);
    return null;
  },
  sync: async () => {
    const { user } = open();
    return sync({
      root: ROOT,
      user,
      language: "vi",
      version: "simulated",
      onNews: (records) => open().refresh(records === "all" ? { all: true } : { records }),
      onGoing: (changes) => open().markGoing(changes),
    });
  },
  /** What the screens show, from memory. */
  shown: async () => {
    const all: object[] = [];
    for (const type of ["farmer", "plot", "harvest", "observation", "beehive"]) {
      for (const record of open().all(type)) all.push(screen(record));
    }
    return all;
  },
  one: async ({ record }: Record<string, unknown>) => {
    const found = open().get(record as Id);
    return found ? screen(found) : null;
  },
  /** What stands on disk. */
  held: async () => {
    const database = await openPerson(open().user);
    const [base, outbox, sent, areas, epoch, more] = await Promise.all([
      database.getAll("base"),
      database.getAll("outbox"),
      database.getAll("sent"),
      database.get("meta", "areas"),
      database.get("meta", "epoch"),
      database.get("meta", "more"),
    ]);
    database.close();
    return { base, outbox, sent: sent.map((each) => each.id), areas, epoch, more };
  },
};

let commits = 0;
let dies: Command["dies"];
function deathAt(after: boolean): () => void {
  return () => {
    if (!after) commits += 1;
    if (dies && dies.at === commits && dies.after === after) process.kill(process.pid, "SIGKILL");
  };
}
onCommit.before = deathAt(false);
onCommit.after = deathAt(true);

async function obey(command: Command): Promise<void> {
  commits = 0;
  dies = command.dies;
  try {
    say({ done: (await doing[command.do](command.args)) ?? null, commits });
  } catch (error) {
    say({ failed: (error as { code?: string }).code ?? String(error), stack: (error as Error).stack });
  }
}

await readDisk();
await reopen();
say({ ready: disk, user: book?.user ?? null });
for await (const line of createInterface({ input: process.stdin })) {
  const said = JSON.parse(line) as Command | { answers: number; answer: Answer };
  if ("answers" in said) {
    asked.get(said.answers)?.(said.answer);
    asked.delete(said.answers);
  } else void obey(said);
}
process.exit(0);
