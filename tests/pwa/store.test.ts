// Saving on the phone: what a change says, when it is said to be saved, and what others at this phone see of it.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { uuidv7 } from "uuidv7";
import { openBook, type Book } from "../../pwa/src/store/book";
import { openPerson } from "../../pwa/src/store/database";
import { currentPerson, signIn, signOut } from "../../pwa/src/store/session";
import type { Draft, Id, Json } from "../../pwa/src/store/types";
import { admits, AREA, daysAgo, newPhone, refusal, secondTab, told } from "./phone";

// loss 16
test("Saving writes one change in a durable transaction and shows it at once", async (t) => {
  const phone = await newPhone(t);
  const writes = watchWrites(t);
  const change = await phone.save({ name: "Lò Văn Pâng", phone: "0912" });
  assert.equal(writes().length, 1);
  assert.deepEqual(writes()[0]![2], { durability: "strict" });
  assert.deepEqual(
    (await phone.outbox()).map((each) => each.change),
    [change],
  );
  const { record, type, area, set } = change;
  assert.deepEqual({ type, area, set }, { type: "farmer", area: AREA, set: { name: "Lò Văn Pâng", phone: "0912" } });
  assert.ok(!("over" in change) && !("seen" in change));
  assert.equal(phone.book.get(record)?.fields["name"], "Lò Văn Pâng");
  assert.equal(phone.book.get(record)?.state, "here");
  assert.equal(phone.book.counts.value.waiting, 1);
});

// loss 16
test("A save that the disk refuses says so, shows nothing and leaves the draft", async (t) => {
  const phone = await newPhone(t);
  const draft = half(uuidv7());
  await phone.book.putDraft(draft);
  const before = await phone.dump();
  t.mock.method(IDBObjectStore.prototype, "add", () => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const edit = { type: "farmer", area: AREA, record: draft.record, set: { name: "Lò" }, form: { draft } };
  await assert.rejects(phone.book.save(edit), { name: "QuotaExceededError" });
  assert.equal(await phone.dump(), before);
  assert.equal(phone.book.get(draft.record), undefined);
  assert.deepEqual(phone.book.draft(draft.key), draft);
});

test("An edit names the heads of the base in `over`, and the next edit names the change that waits", async (t) => {
  const phone = await newPhone(t);
  const [one, two, three] = [uuidv7(), uuidv7(), uuidv7()];
  // Two people typed the same name: both changes stand under it.
  const known = told(
    { name: "Pâng", village: "Hụm" },
    { heads: { [one]: ["name"], [two]: ["name"], [three]: ["village"] } },
  );
  await phone.take({ records: [known] });
  const first = await phone.save({ name: "Lò Pâng", phone: "0912" }, known.id);
  assert.deepEqual(first.over, { name: [one, two] });
  const second = await phone.save({ name: "Lò Văn Pâng", village: "Mòng", phone: "0913" }, known.id);
  assert.deepEqual(second.over, { name: [first.id], village: [three], phone: [first.id] });
  assert.equal((await phone.base(known.id))?.fields["name"], "Pâng");
  assert.equal(phone.book.get(known.id)?.fields["name"], "Lò Văn Pâng");
});

test("What the form saw when it was opened goes before what came in since", async (t) => {
  const phone = await newPhone(t);
  const seen = uuidv7();
  const known = told({ name: "Pâng" });
  await phone.take({ records: [known] });
  const edit = { type: "farmer", area: AREA, record: known.id, set: { name: "Lò Pâng" }, over: { name: [seen] } };
  assert.deepEqual((await phone.book.save(edit))?.over, { name: [seen] });
});

test("Unchanged fields are not in `set`; where all are, nothing is written and the draft goes", async (t) => {
  const phone = await newPhone(t);
  const crops = [{ crop: "COFAR", share: 60 }];
  const known = told({ name: "Pâng", crops });
  await phone.take({ records: [known] });
  const change = await phone.save(
    { name: "Pâng", crops: [{ share: 60, crop: "COFAR" }], phone: "0912", note: null },
    known.id,
  );
  assert.deepEqual(change.set, { phone: "0912" });
  const draft = half(known.id);
  await phone.book.putDraft(draft);
  const edit = {
    type: "farmer",
    area: AREA,
    record: known.id,
    set: { name: "Pâng", phone: "0912" },
    form: { draft },
  };
  assert.equal(await phone.book.save(edit), null);
  assert.deepEqual(await phone.waitingIds(), [change.id]);
  assert.deepEqual(await phone.disk.getAll("drafts"), []);
});

test("Clearing a field sends null and takes the field away", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Pâng", phone: "0912" });
  await phone.take({ records: [known] });
  assert.deepEqual((await phone.save({ phone: null }, known.id)).set, { phone: null });
  assert.deepEqual(phone.book.get(known.id)?.fields, { name: "Pâng" });
});

test("Settling a conflict names every candidate, also with the value that is shown", async (t) => {
  const phone = await newPhone(t);
  const { known, rivals } = disputed();
  await phone.take({ records: [known] });
  assert.equal(phone.book.get(known.id)?.state, "attention");
  const change = await phone.book.settle(phone.book.get(known.id)!, "name", "Pâng");
  assert.deepEqual(change, { ...change, set: { name: "Pâng" }, over: { name: rivals } });
  assert.deepEqual(phone.book.get(known.id)?.conflicts, {});
  assert.equal(phone.book.get(known.id)?.state, "here");
});

test("A form that keeps the shown value of a conflict settles it too", async (t) => {
  const phone = await newPhone(t);
  const { known, rivals } = disputed();
  await phone.take({ records: [known] });
  const change = await phone.save({ name: "Pâng" }, known.id);
  assert.deepEqual(change.over, { name: rivals });
});

test("An edit that saw one candidate leaves the others in conflict with it", async (t) => {
  const phone = await newPhone(t);
  const { known, rivals } = disputed();
  await phone.take({ records: [known] });
  const edit = { type: "farmer", area: AREA, record: known.id, set: { name: "Lò" }, over: { name: [rivals[0]!] } };
  const change = (await phone.book.save(edit))!;
  const left = phone.book.get(known.id)!.conflicts["name"]!.map((each) => each.change);
  assert.deepEqual(left, [rivals[1], change.id]);
  assert.deepEqual((await phone.book.settle(phone.book.get(known.id)!, "name", "Lò Pâng")).over, { name: [rivals[1], change.id] });
});

test("Text goes to NFC, however deep it stands", async (t) => {
  const phone = await newPhone(t);
  const typed = "Lo\u0300 Va\u0306n Pa\u0302ng";
  const change = await phone.save({ name: typed, crops: [{ name: typed, kept: 7 }] });
  assert.deepEqual(change.set, { name: "Lò Văn Pâng", crops: [{ name: "Lò Văn Pâng", kept: 7 }] });
  // The same text, composed otherwise, is no change.
  assert.equal(
    await phone.book.save({ type: "farmer", area: AREA, record: change.record, set: { name: typed } }),
    null,
  );
  await phone.take({ records: [{ ...disputed().known, id: change.record }] });
  assert.deepEqual((await phone.book.settle(phone.book.get(change.record)!, "name", typed)).set, { name: "Lò Văn Pâng" });
});

test("The first change of a new record takes the record's id, and no later one does", async (t) => {
  const phone = await newPhone(t);
  const first = await phone.save({ name: "Pâng" });
  assert.equal(first.id, first.record);
  const second = await phone.save({ name: "Lò Pâng" }, first.record);
  assert.notEqual(second.id, first.record);
  await phone.take();
  assert.notEqual((await phone.save({ name: "Lò Văn Pâng" }, first.record)).id, first.record);
  const known = told({ name: "Ún" });
  await phone.take({ records: [known] });
  assert.notEqual((await phone.save({ name: "Cà Ún" }, known.id)).id, known.id);
});

test("A record of which only a sent change is left does not give its id away again", async (t) => {
  const phone = await newPhone(t);
  const record = uuidv7();
  const change = { id: record, record, type: "farmer", area: AREA, set: { name: "Pâng" }, schema: 1 };
  await phone.disk.put("sent", { n: 1, id: record, change, sentAt: daysAgo(1) });
  assert.notEqual((await phone.save({ name: "Lò" }, record)).id, record);
});

// loss 27
test("Two tabs that save the same new record at once do not both take its id", async (t) => {
  const phone = await newPhone(t);
  const other = await secondTab(t, phone);
  const record = uuidv7();
  const edit = { type: "farmer", area: AREA, record };
  // Both look at their memory before either has written: neither can have heard of the other.
  const made = await Promise.all([
    phone.book.save({ ...edit, set: { name: "Pâng" } }),
    other.save({ ...edit, set: { phone: "0912" } }),
  ]);
  assert.deepEqual(
    made.map((each) => each!.id === record),
    [true, false],
  );
  assert.deepEqual(
    await phone.waitingIds(),
    made.map((each) => each!.id),
  );
});

test("What one tab saves another one shows", async (t) => {
  const phone = await newPhone(t);
  const other = await secondTab(t, phone);
  const shown = shows(other, "Pâng");
  await phone.save({ name: "Pâng" });
  await shown;
  assert.equal(other.counts.value.waiting, 1);
});

// loss 22
test("Deleting lists in `seen` every change that the record showed, conflicts included", async (t) => {
  const phone = await newPhone(t);
  const { known, rivals, village } = disputed();
  await phone.take({ records: [known] });
  const edit = await phone.save({ phone: "0912" }, known.id);
  const change = await phone.book.remove(known.id);
  assert.deepEqual(change.set, { deleted: true });
  assert.deepEqual(change.seen, [...rivals, village, edit.id].sort());
  assert.equal(phone.book.get(known.id)?.deleted, true);
  assert.deepEqual(phone.book.all("farmer"), []);
  const back = await phone.book.restore(known.id);
  assert.deepEqual([back.set, back.over, back.seen], [{ deleted: false }, { deleted: [change.id] }, undefined]);
  assert.equal(phone.book.all("farmer").length, 1);
});

// loss 23
test("A draft outlives the app, and goes in the transaction that saves it", async (t) => {
  const phone = await newPhone(t);
  const draft = half(uuidv7());
  const writes = watchWrites(t);
  await phone.book.putDraft(draft);
  assert.deepEqual(
    writes().map((each) => each[2]),
    [{ durability: "strict" }],
  );
  phone.book.close();
  const later = await openBook(phone.user);
  t.after(() => later.close());
  assert.deepEqual(later.draft(draft.key), draft);
  await later.save({ type: "farmer", area: AREA, record: draft.record, set: { name: "Lò" }, form: { draft } });
  const [, saving, ...more] = writes();
  assert.ok([...saving![0]].includes("outbox") && [...saving![0]].includes("drafts"));
  assert.equal(more.length, 0);
  assert.deepEqual(await phone.disk.getAll("drafts"), []);
  assert.equal(later.draft(draft.key), undefined);
  assert.equal((await phone.outbox()).length, 1);
});

test("A book that is opened again shows the base with the outbox over it, and knows what needs a person", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Pâng" });
  await phone.take({ records: [known] });
  const refused = await phone.save({ village: "Hụm" }, known.id);
  await phone.take({ rejected: [refusal(refused)] });
  await phone.save({ name: "Lò Pâng" }, known.id);
  const plot = (await phone.book.save({ type: "plot", area: AREA, record: uuidv7(), set: { farmer: known.id } }))!;
  const again = await secondTab(t, phone);
  assert.deepEqual(again.get(known.id), phone.book.get(known.id));
  assert.deepEqual(again.get(known.id)?.fields, { name: "Lò Pâng" });
  assert.deepEqual(again.counts.value, { waiting: 2, refused: 1, atCentre: 1 });
  assert.deepEqual(
    again.referring(known.id, "plot").map((each) => each.id),
    [plot.record],
  );
  assert.deepEqual(
    again.needing().map((each) => each.id),
    [known.id],
  );
});

test("A refused change goes once more under a new id and the same `over`; given up, it leaves", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Pâng", village: "Hụm" });
  await phone.take({ records: [known] });
  const refused = await phone.save({ name: "Lò", village: "Mòng" }, known.id);
  await phone.take({ rejected: [refusal(refused)] });
  await phone.book.mendRefused(refused.id, { name: "Lò" });
  const [again, ...none] = await phone.outbox();
  assert.deepEqual(none, []);
  assert.notEqual(again!.change.id, refused.id);
  assert.deepEqual(again!.change.over, { name: [known.heads] });
  assert.equal(again!.refused, undefined);
  await phone.take({ rejected: [refusal(again!.change)] });
  await phone.book.discardRefused(again!.change.id);
  assert.deepEqual(await phone.outbox(), []);
  assert.equal(phone.book.get(known.id)?.state, "there");
});

// loss 29, 31
test("Two people on one phone have separate databases, and signing out keeps what is unsent", async (t) => {
  const [one, two] = [uuidv7(), uuidv7()];
  admits({ mai: one, nam: two });
  await signIn("https://centre.test/", { username: "mai", password: "x" }, "vi");
  const mai = await openBook(one);
  const change = await mai.save({ type: "farmer", area: AREA, record: uuidv7(), set: { name: "Pâng" } });
  mai.close();
  await signOut("https://centre.test/", one);
  assert.equal(await currentPerson(), undefined);
  await signIn("https://centre.test/", { username: "nam", password: "x" }, "vi");
  assert.equal((await currentPerson())?.id, two);
  const nam = await openBook(two);
  const disk = await openPerson(one);
  t.after(() => [nam, disk].forEach((each) => each.close()));
  assert.deepEqual([nam.all("farmer"), nam.waiting.value, nam.signedIn.value], [[], [], true]);
  assert.deepEqual(
    (await disk.getAll("outbox")).map((each) => each.change),
    [change],
  );
  assert.equal(await disk.get("meta", "token"), null);
});

// Helpers ------------------------------------------------------------------------------------------------------------

/** A record whose name two people dispute; `heads` names only the one that is shown. */
function disputed() {
  const [village, one, two] = [uuidv7(), uuidv7(), uuidv7()];
  const rivals = [one, two];
  const conflicts = {
    name: [
      { change: one, value: "Lò", by: uuidv7() },
      { change: two, value: "Pâng", by: uuidv7() },
    ],
  };
  const heads = { [village]: ["village"], [two]: ["name"] };
  return { known: told({ name: "Pâng", village: "Hụm" }, { heads, conflicts }), rivals, village };
}

function half(record: Id, typed: Record<string, Json> = { name: "L" }): Draft {
  return {
    key: `farmer/${record}`,
    type: "farmer",
    record,
    area: AREA,
    schema: 1,
    typed,
    over: {},
    isNew: true,
    changedAt: 1,
  };
}

type Opened = [names: string[], mode?: string, options?: object];

/** The transactions that write, as the browser is asked for them from now on. */
function watchWrites(t: TestContext): () => Opened[] {
  const spy = t.mock.method(IDBDatabase.prototype, "transaction");
  return () =>
    spy.mock.calls.map((call) => call.arguments as unknown as Opened).filter((each) => each[1] === "readwrite");
}

/** Until a book shows a record of this name. */
function shows(book: Book, name: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = book.revision.subscribe(() => {
      if (book.all("farmer").some((each) => each.fields["name"] === name)) queueMicrotask(() => (stop(), resolve()));
    });
  });
}
