// Who is at this phone, what stays of whom, and what is noticed when the browser throws it away.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { uuidv7 } from "uuidv7";
import { openBook, type Book } from "../../pwa/src/store/book";
import { beginPerson, openPerson, peopleOnDisk, Vanished } from "../../pwa/src/store/database";
import { losses, marks, NONE, note } from "../../pwa/src/store/lost";
import { takeIn, unsentOf, write } from "../../pwa/src/safety/copy";
import { currentId, currentPerson, deviceDatabase, deviceId, earlierWork, signIn, signOut, takenOver } from "../../pwa/src/store/session";
import type { Id } from "../../pwa/src/store/types";
import type { Report } from "../../pwa/src/sync/report";
import { sync } from "../../pwa/src/sync/run";
import { admits, AREA, Centre, daysAgo, emptyOrigin, held, newPhone, officer, OTHER_AREA, reply, told, wiped } from "./phone";

const ROOT = "https://centre.test/";
const arrives = (username: string) => signIn(ROOT, { username, password: "x" }, "vi");

// What the browser threw away ----------------------------------------------------------------------------------------

// loss 1
test("A phone whose databases were all thrown away is known for it, and by how much was waiting", async (t) => {
  const user = await atWork(t, "mai");
  marks.set(user, { unsent: 3, pictures: 2, drafts: 1 });
  await wiped();
  assert.equal(await currentPerson(), undefined);
  assert.deepEqual(await lost(), [["all", 3]]);
  // Once, not at each look.
  assert.equal(await currentPerson(), undefined);
  assert.deepEqual(await lost(), [["all", 3]]);
});

// loss 1
test("One person's records that were thrown away are not begun anew in silence", async (t) => {
  const user = await atWork(t, "mai");
  marks.set(user, { ...NONE, unsent: 2 });
  await wiped((name) => name === `nuong-${user}`);
  await assert.rejects(openPerson(user), Vanished);
  assert.deepEqual(await peopleOnDisk(), []);
  assert.equal(await currentPerson(), undefined);
  assert.deepEqual(await lost(), [["records", 2]]);
  await assert.rejects(openPerson(user), Vanished);
});

// loss 1
test("Records of which the phone has forgotten whose they are are found again, with all that is unsent", async (t) => {
  const user = await atWork(t, "mai");
  const device = await deviceId();
  const book = await opened(t, user);
  const change = await book.save({ type: "farmer", area: AREA, record: uuidv7(), set: { name: "Pâng" } });
  await wiped((name) => name === "nuong-device");
  assert.deepEqual(await currentPerson(), { id: user, username: "mai", name: "mai" });
  assert.deepEqual(await lost(), [["device", 0]]);
  assert.equal(await deviceId(), device);
  const again = await opened(t, user);
  assert.deepEqual(
    again.waiting.value.map((each) => each.change),
    [change],
  );
  assert.equal(again.signedIn.value, true);
});

test("Where two had records here and the phone has forgotten both, it is the one who was at work", async (t) => {
  const first = await atWork(t, "mai");
  await signOut(ROOT, first);
  const second = await atWork(t, "nam", false);
  await wiped((name) => name === "nuong-device");
  assert.equal((await currentPerson())?.id, second);
});

// loss 1
test("What was lost is in the next report, and in those of a month", async (t) => {
  await atWork(t, "mai");
  await wiped();
  await currentPerson();
  const user = await atWork(t, "mai", false);
  const centre = new Centre();
  globalThis.fetch = centre.fetch;
  const report = async () => {
    await sync({ root: ROOT, user, language: "vi", version: "test" });
    return centre.asked.at(-1)!.body.report as Report | undefined;
  };
  centre.says(() => {
    throw new TypeError("fetch failed");
  });
  assert.deepEqual((await report())?.storage_lost?.map((each) => each.what), ["all"]);
  // No answer: it was not told.
  assert.ok((await report())?.storage_lost);
  assert.equal(await report(), undefined);
  const disk = await openPerson(user);
  t.after(() => disk.close());
  await disk.put("meta", daysAgo(1), "reportedAt");
  assert.ok((await report())?.storage_lost);
});

test("What was lost is shown until it has been read", async (t) => {
  await atWork(t, "mai");
  await wiped();
  await currentPerson();
  const device = await deviceDatabase();
  assert.deepEqual((await losses(device)).map((each) => each.read), [undefined]);
  await note(device, "read");
  assert.deepEqual((await losses(device)).map((each) => each.read), [true]);
});

// loss 29
test("A phone that somebody left is no phone that lost something", async (t) => {
  const user = await atWork(t, "mai");
  await signOut(ROOT, user);
  assert.equal(await currentPerson(), undefined);
  assert.deepEqual(await lost(), []);
});

test("A sign-in that was killed half-way leaves nothing that is taken for somebody's records", async (t) => {
  await emptyOrigin();
  (await beginPerson(uuidv7())).close();
  assert.equal(await currentPerson(), undefined);
  assert.deepEqual(await lost(), []);
  t.after(emptyOrigin);
});

// Signing in and out -------------------------------------------------------------------------------------------------

// loss 20
test("Signing out does not wait for a sync that hangs, and stops it", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò" });
  const { answer, reached, letGo } = held();
  phone.centre.says(answer);
  const stop = new AbortController();
  const hanging = phone.sync({ stop: stop.signal });
  await reached;
  const waiting = phone.sync({ stop: stop.signal });
  await signOut(ROOT, phone.user);
  stop.abort();
  assert.deepEqual(await Promise.all([hanging, waiting]), ["stopped", "stopped"]);
  letGo();
  assert.deepEqual(await phone.waitingIds(), [change.id]);
  assert.deepEqual([await phone.meta("token"), await phone.meta("lastTry")], [null, undefined]);
  // Whoever signs in again on this phone sends it.
  await phone.disk.put("meta", "token-2", "token");
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(await phone.sentIds(), [change.id]);
});

// loss 20, 29
test("Signing out needs no centre, and keeps what is unsent for its author", async (t) => {
  const user = await atWork(t, "mai");
  const book = await opened(t, user);
  const change = await book.save({ type: "farmer", area: AREA, record: uuidv7(), set: { name: "Pâng" } });
  globalThis.fetch = () => Promise.reject(new TypeError("fetch failed"));
  await signOut(ROOT, user);
  assert.equal(await currentPerson(), undefined);
  admits({ mai: user });
  await arrives("mai");
  const again = await opened(t, user);
  assert.deepEqual(
    again.waiting.value.map((each) => each.change),
    [change],
  );
});

// loss 3
test("Signing in again keeps an area that was taken away until its unsent changes have been answered", async (t) => {
  const user = await atWork(t, "mai", true, { [AREA]: officer("Mòng"), [OTHER_AREA]: officer("Hụm") });
  const book = await opened(t, user);
  const change = (await book.save({ type: "farmer", area: OTHER_AREA, record: uuidv7(), set: { name: "Pâng" } }))!;
  admits({ mai: user }, { [AREA]: officer("Mòng") });
  await arrives("mai");
  const centre = new Centre();
  globalThis.fetch = centre.fetch;
  centre.says((asked) => reply(asked.body.changes, { rejected: [{ id: change.id, reason: "forbidden", detail: {} }] }));
  assert.equal(await sync({ root: ROOT, user, language: "vi", version: "test" }), "some_refused");
  await book.load();
  assert.deepEqual(book.areas.value, { [AREA]: officer("Mòng") });
  assert.deepEqual(
    book.waiting.value.map((each) => [each.change, each.refused?.reason]),
    [[change, "forbidden"]],
  );
});

// The first reading --------------------------------------------------------------------------------------------------

// loss 8
test("Nothing has been read before the first answer, and the phone says so", async (t) => {
  const user = await atWork(t, "mai");
  const book = await opened(t, user);
  assert.equal(book.reading.value, true);
});

// loss 8
test("How much of the first reading is missing is known over its pages, and after a restart", async (t) => {
  const phone = await newPhone(t);
  const page = (more: boolean, left?: number) => ({
    areas: { [AREA]: { cursor: uuidv7(), more, role: "officer", ...(left === undefined ? {} : { left }) } },
    records: [told({ name: "a" }), told({ name: "b" })],
  });
  const cut = () => {
    throw new TypeError("fetch failed");
  };
  phone.centre.says(page(true, 4), cut);
  assert.equal(await phone.sync(), "offline");
  assert.deepEqual(progress(phone.book), [true, 2, 4]);
  assert.deepEqual(progress(await opened(t, phone.user)), [true, 2, 4]);
  phone.centre.says(page(true, 2), cut);
  await phone.sync();
  assert.deepEqual(progress(phone.book), [true, 4, 2]);
  phone.centre.says(page(false));
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(progress(phone.book), [false, 6, 0]);
});

test("An area that was just given has its name", async (t) => {
  const phone = await newPhone(t);
  const areas = reply([], {}, { [AREA]: null, [OTHER_AREA]: null }).areas;
  areas[OTHER_AREA]!.name = "Bản Hụm";
  phone.centre.says({ areas });
  await phone.sync();
  assert.deepEqual(phone.book.areas.value[OTHER_AREA], { name: "Bản Hụm", role: "officer" });
});

test("A role that changed is known after the next answer, and nothing waiting is touched", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò" });
  phone.centre.says(() => {
    throw new TypeError("fetch failed");
  });
  await phone.sync();
  const areas = reply([], {}, { [AREA]: null }).areas;
  areas[AREA]!.role = "manager";
  phone.centre.says({ areas });
  await phone.sync();
  assert.equal(phone.book.areas.value[AREA]?.role, "manager");
  assert.deepEqual(await phone.sentIds(), [change.id]);
});

// Helpers ------------------------------------------------------------------------------------------------------------

const USERS: Record<string, Id> = { mai: uuidv7(), nam: uuidv7() };

/** Somebody has just signed in; on a phone that nobody had before, unless it goes on. */
async function atWork(t: TestContext, username: string, fresh = true, areas = { [AREA]: officer("Bản Mòng") }): Promise<Id> {
  if (fresh) await emptyOrigin();
  t.after(emptyOrigin);
  admits(USERS, areas);
  return (await arrives(username)).id;
}

async function opened(t: TestContext, user: Id): Promise<Book> {
  const book = await openBook(user);
  t.after(() => book.close());
  return book;
}

const progress = (book: Book) => [book.reading.value, book.counts.value.atCentre, book.left.value];

const lost = async () => (await losses(await deviceDatabase())).map((each) => [each.what, each.unsent]);

// loss 1
test("How many pictures and half-filled forms went with the records is known too, and what an earlier version noted is read", async (t) => {
  const user = await atWork(t, "mai");
  marks.set(user, { unsent: 0, pictures: 2, drafts: 1 });
  await wiped();
  await currentPerson();
  const [loss] = await losses(await deviceDatabase());
  assert.deepEqual([loss?.unsent, loss?.pictures, loss?.drafts], [0, 2, 1]);
  localStorage.setItem("nuong-had-data", JSON.stringify({ [user]: 4 }));
  assert.deepEqual(marks.all(), { [user]: { unsent: 4, pictures: 0, drafts: 0 } });
});

// loss 29, 31
test("The other tabs are told when somebody signs in or out", async (t) => {
  const beside = new BroadcastChannel("nuong-people");
  t.after(() => beside.close());
  let told = 0;
  beside.onmessage = () => told++;
  const user = await atWork(t, "mai");
  assert.equal(await currentId(), user);
  await signOut(ROOT, user);
  while (told < 2) await new Promise((soon) => setTimeout(soon, 5));
  assert.equal(await currentId(), undefined);
});

// loss 29
test("What stands with an account that the centre has given to another is said to whoever has its name now, and taken over once", async (t) => {
  const first = await atWork(t, "mai");
  const change = await (await opened(t, first)).save({ type: "farmer", area: AREA, record: uuidv7(), set: { name: "Pâng" } });
  await signOut(ROOT, first);
  admits({ mai: uuidv7(), nam: USERS["nam"]! });
  const second = (await arrives("mai")).id;
  const [work, ...none] = await earlierWork(second);
  assert.deepEqual([work?.person.id, work?.entries, work?.drafts, none], [first, 1, 0, []]);
  assert.deepEqual(await earlierWork((await arrives("nam")).id), []);

  const [there, here] = [await openPerson(first), await openPerson(second)];
  t.after(() => [there, here].forEach((each) => each.close()));
  const taken = await takeIn(here, write(await unsentOf(there), work!.person, await deviceId(), new Date().toISOString()));
  await takenOver(first);
  assert.deepEqual([taken.added, (await here.getAll("outbox")).map((each) => each.change.id)], [1, [change!.id]]);
  assert.deepEqual(await earlierWork(second), []);
  assert.equal(await there.count("outbox"), 1);
});
