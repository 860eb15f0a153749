// Two tabs and one draft; what is typed while a save is on its way; a disk that takes one thing and not the other.
import "./page";
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { uuidv7 } from "uuidv7";
import { answerOf, holdsMore, withAnswer } from "../../pwa/src/forms/answer";
import { fitted, withoutUnfit } from "../../pwa/src/forms/fit";
import { differing } from "../../pwa/src/forms/keeper";
import { SCHEMA } from "../../pwa/src/records/declarations";
import { leftBySaving, merged, NOTHING, type Own } from "../../pwa/src/store/beside";
import { standing } from "../../pwa/src/store/overlay";
import { makeRoom } from "../../pwa/src/store/pictures";
import type { Draft, Json, Shown } from "../../pwa/src/store/types";
import { AREA, newPhone, secondTab, taken, told, type Phone } from "./phone";

const RECORD = "0198f0c2-0000-7000-8000-000000000001";
const KEY = `farmer/${RECORD}`;

const draft = (typed: Record<string, Json>, more: Partial<Draft> = {}): Draft => ({
  key: KEY, type: "farmer", record: RECORD, area: AREA, schema: SCHEMA, typed, over: {}, isNew: true, changedAt: Date.now(), ...more,
});
const touched = (...fields: string[]): Own => ({ fields: new Set(fields), photos: new Set() });
const onDisk = (phone: Phone) => phone.disk.get("drafts", KEY);
const edit = (set: Record<string, Json>) => ({ type: "farmer", area: AREA, record: RECORD, set });
const HOURS = 3600 * 1000;

/** The disk has no room for these, until *again* is called. */
function full(t: TestContext, store: string, isFull: (value: unknown) => boolean = () => true): () => void {
  const put = IDBObjectStore.prototype.put;
  const mock = t.mock.method(IDBObjectStore.prototype, "put", function (this: IDBObjectStore, ...given: Parameters<typeof put>) {
    if (this.name === store && isFull(given[0])) throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, given);
  });
  return () => mock.mock.restore();
}

// loss 5, 23
test("Who saves a form leaves what another tab has typed into its draft, with its pictures, to be corrected in what was saved", async (t) => {
  const phone = await newPhone(t);
  const beside = await secondTab(t, phone);
  const picture = await taken("gỉ sắt");
  await phone.book.putDraft(draft({ phone: "0912 345 678" }), touched("phone"));
  await phone.book.addPicture(picture, { draft: draft({ phone: "0912 345 678" }, { photos: [picture.photo] }), own: { ...touched("phone"), photos: new Set([picture.photo.id]) } });

  const mine = draft({ village: "bản Xum" });
  const change = (await beside.save({ ...edit(mine.typed), form: { draft: mine, own: touched("village") } }))!;
  assert.deepEqual(change.set, { village: "bản Xum" });
  const left = (await onDisk(phone))!;
  assert.deepEqual(left.typed, { village: "bản Xum", phone: "0912 345 678" });
  assert.deepEqual([left.isNew, left.opened, left.over], [false, { village: "bản Xum" }, { village: [change.id] }]);
  assert.deepEqual(left.photos, [picture.photo]);
  await makeRoom(phone.disk, null, Date.now() + 2 * HOURS);
  assert.ok(await phone.disk.get("bytes", picture.photo.sha256));
  assert.equal(beside.draft(KEY)?.typed["phone"], "0912 345 678");
});

test("A form whose draft nobody else has touched leaves nothing of it, also where today's form has changed it", async (t) => {
  const phone = await newPhone(t);
  const mine = draft({ name: "Pâng", village: "Xum" });
  await phone.book.putDraft(mine);
  await phone.book.save({ ...edit(mine.typed), form: { draft: mine, own: touched("name") } });
  assert.equal(await onDisk(phone), undefined);
  assert.deepEqual(phone.book.drafts.value, []);
});

// loss 5, 23
test("Who throws a draft away throws away what that form has typed, and nothing of another tab's", async (t) => {
  const phone = await newPhone(t);
  const beside = await secondTab(t, phone);
  await phone.book.putDraft(draft({ phone: "0912", village: "Xum" }), touched("phone"));
  await beside.putDraft(draft({ village: "Xum", name: "Lò" }), touched("name"));
  await beside.dropDraft({ draft: draft({ village: "Xum", name: "Lò" }), own: touched("name") });
  assert.deepEqual((await onDisk(phone))?.typed, { phone: "0912", village: "Xum" });
  await phone.book.dropDraft({ draft: draft({ phone: "0912", village: "Xum" }), own: touched("phone") });
  assert.equal(await onDisk(phone), undefined);
});

test("A draft of another tab is known here as soon as it is on disk", async (t) => {
  const phone = await newPhone(t);
  const beside = await secondTab(t, phone);
  await phone.book.putDraft(draft({ name: "Lò" }));
  while (!beside.draft(KEY)) await new Promise((soon) => setTimeout(soon, 5));
  assert.deepEqual(beside.draft(KEY)?.typed, { name: "Lò" });
});

// loss 23
test("A picture that is taken in one tab takes away nothing that another has typed", async (t) => {
  const phone = await newPhone(t);
  const beside = await secondTab(t, phone);
  const picture = await taken("gỉ sắt");
  await phone.book.putDraft(draft({ phone: "0912" }), touched("phone"));
  await beside.addPicture(picture, { draft: draft({}, { photos: [picture.photo] }), own: touched() });
  assert.deepEqual((await onDisk(phone))?.typed, { phone: "0912" });
  assert.deepEqual((await onDisk(phone))?.photos, [picture.photo]);
});

test("A form for a new record that another tab has saved meanwhile corrects only what was touched in it", async (t) => {
  const phone = await newPhone(t);
  const beside = await secondTab(t, phone);
  const mine = draft({ village: "Xum", name: "Lò Văn Pâng" });
  const first = (await phone.book.save({ ...edit(mine.typed), form: { draft: mine, own: touched("name") } }))!;
  while (!beside.get(RECORD)) await new Promise((soon) => setTimeout(soon, 5));
  const other = draft({ village: "Hụm", phone: "0912" });
  const second = (await beside.save({ ...edit(other.typed), over: {}, form: { draft: other, own: touched("phone") } }))!;
  assert.deepEqual(second.set, { phone: "0912" });
  assert.notEqual(first.id, second.id);
  // And its draft, written once more, is one of a correction.
  const there = leftBySaving(other, { draft: mine, own: touched("name") }, { change: first.id, set: first.set })!;
  assert.equal(merged(other, touched("phone"), there).isNew, false);
});

// loss 23
test("What is typed after the press and before the disk is done stays as a draft over what was saved", () => {
  const pressed = draft({ quantity: "120", note: "cân ở nhà" });
  const later = draft({ quantity: "12", note: "cân ở nhà" });
  const left = leftBySaving(later, { draft: pressed, own: NOTHING }, { change: "c", set: { quantity: 120, note: "cân ở nhà" } })!;
  assert.deepEqual([left.typed, left.opened], [{ quantity: "12", note: "cân ở nhà" }, { quantity: 120, note: "cân ở nhà" }]);
  assert.deepEqual([left.isNew, left.over], [false, { quantity: ["c"], note: ["c"] }]);
  assert.equal(leftBySaving(pressed, { draft: pressed, own: NOTHING }, { change: "c", set: {} }), undefined);
});

// loss 23
test("An answer goes by itself only where nothing else is half typed", () => {
  const opened = { name: "Lò" };
  const answered = withAnswer(draft({ ...opened }, { opened, isNew: false }), { text: "120", to: "q" });
  assert.deepEqual([holdsMore(answered), answerOf(answered)], [false, { text: "120", to: "q" }]);
  assert.equal(holdsMore({ ...answered, photos: [{ id: "p" } as never] }), true);
  assert.equal(holdsMore({ ...answered, unfit: { old: 1 } }), true);
  assert.equal(holdsMore({ ...answered, typed: { ...answered.typed, name: "Lò Văn" } }), true);
});

// loss 12
test("A draft of an earlier form is written as today's form has made it, and what was thrown away does not come back", () => {
  const there = draft({ quantity: "3", form: "vanished", grade_old: "A" }, { type: "harvest", key: `harvest/${RECORD}`, schema: 1 });
  const opened = fitted(there);
  assert.deepEqual(Object.keys(opened.unfit!).sort(), ["form", "grade_old"]);
  const fields = differing(opened, there);
  const now = withoutUnfit(withoutUnfit(opened, "form"), "grade_old", "grade_old: A");
  for (const name of differing(now, opened)) fields.add(name);
  const kept = merged(now, { fields, photos: new Set() }, there);
  assert.deepEqual([kept.typed, kept.unfit], [{ quantity: "3", note: "grade_old: A" }, undefined]);
});

// loss 12
test("What an earlier form had no place for, and today's has, is not lost by a key stroke in another field", () => {
  const there = draft({ quantity: "3" }, { type: "harvest", schema: 1, unfit: { buyer: "bà Nhung" } });
  const opened = fitted(there);
  assert.equal(opened.typed["buyer"], "bà Nhung");
  const now = { ...opened, typed: { ...opened.typed, quantity: "35" } };
  const fields = new Set([...differing(opened, there), "quantity"]);
  const kept = merged(now, { fields, photos: new Set() }, there);
  assert.deepEqual([kept.typed, kept.unfit], [{ quantity: "35", buyer: "bà Nhung" }, undefined]);
});

// loss 16, 23
test("A draft that the disk did not take goes there once it takes another, and until then the trouble is said", async (t) => {
  const phone = await newPhone(t);
  const again = full(t, "drafts");
  await phone.book.putDraft(draft({ name: "Lò" }));
  assert.equal(phone.book.diskTrouble.value, "QuotaExceededError");
  again();
  const other = { ...draft({ name: "Quàng" }), key: `farmer/${uuidv7()}` };
  await phone.book.putDraft(other);
  while (phone.book.diskTrouble.value) await new Promise((soon) => setTimeout(soon, 5));
  assert.deepEqual((await onDisk(phone))?.typed, { name: "Lò" });
});

test("While one draft cannot be written the trouble stays, whatever else the disk takes", async (t) => {
  const phone = await newPhone(t);
  full(t, "drafts", (value) => (value as Draft).key === KEY);
  await phone.book.putDraft(draft({ name: "Lò" }));
  await phone.book.putDraft({ ...draft({ name: "Quàng" }), key: `farmer/${uuidv7()}` });
  await new Promise((soon) => setTimeout(soon, 50));
  assert.equal(phone.book.diskTrouble.value, "QuotaExceededError");
  assert.deepEqual(phone.book.draft(KEY)?.typed, { name: "Lò" });
});

// loss 23
test("What the disk did not take of a form goes along with what is typed into it later", async (t) => {
  const phone = await newPhone(t);
  await phone.book.putDraft(draft({ name: "L" }), touched("name"));
  const again = full(t, "drafts");
  await phone.book.putDraft(draft({ name: "Lò", phone: "0912" }), touched("phone", "name"));
  again();
  // The form was left, and opened again: it has touched only this.
  await phone.book.putDraft(draft({ name: "Lò", phone: "0912", village: "Xum" }), touched("village"));
  assert.deepEqual((await onDisk(phone))?.typed, { name: "Lò", phone: "0912", village: "Xum" });
});

test("A disk that is slower than a walk gets the newest, and not every fix before it", async (t) => {
  const phone = await newPhone(t);
  let puts = 0;
  full(t, "drafts", () => (puts++, false));
  const all = Array.from({ length: 50 }, (_none, number) => phone.book.putDraft(draft({ track: number })));
  assert.equal(phone.book.draft(KEY)?.typed["track"], 49);
  await Promise.all(all);
  assert.equal((await onDisk(phone))?.typed["track"], 49);
  assert.ok(puts <= 4, `${puts} writes`);
});

// loss 23
test("A draft that still waits for its turn on a slow disk does not come back once its form is saved", async (t) => {
  const phone = await newPhone(t);
  const writes = ["L", "Lò", "Lò V"].map((name) => phone.book.putDraft(draft({ name })));
  const whole = draft({ name: "Lò Văn Pâng" });
  await phone.book.save({ ...edit(whole.typed), form: { draft: whole } });
  await Promise.all(writes);
  await new Promise((soon) => setTimeout(soon, 50));
  assert.equal(await onDisk(phone), undefined);
  assert.deepEqual(phone.book.drafts.value, []);
});

// loss 6
test("A conflict is settled over what the screen showed, and what came in since stands beside it", async (t) => {
  const phone = await newPhone(t);
  const [a, b, c] = [uuidv7(), uuidv7(), uuidv7()];
  const rivals = (...ids: string[]) => ({ name: ids.map((change) => ({ change, value: change })) });
  const known = told({ name: a }, { heads: { [a]: ["name"] } as never, conflicts: rivals(a, b) });
  await phone.take({ records: [known] });
  const drawn = phone.book.get(known.id)!;
  await phone.take({ records: [{ ...known, seq: 2, conflicts: rivals(a, b, c) }] });
  assert.deepEqual((await phone.book.settle(drawn, "name", a)).over, { name: [a, b] });
  assert.deepEqual(phone.book.get(known.id)?.conflicts["name"]?.map((each) => each.change).includes(c), true);
});

// loss 6
test("A record is deleted as the screen showed it: what came in since is not among what was seen", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Lò" });
  await phone.take({ records: [known] });
  const drawn = phone.book.get(known.id) as Shown;
  const since = uuidv7();
  await phone.take({ records: [{ ...known, seq: 2, fields: { name: "Lò", village: "Xum" }, heads: { [known.heads as string]: ["name"], [since]: ["village"] } }] });
  const change = await phone.book.remove(drawn);
  assert.deepEqual(change.seen, [known.heads]);
  assert.deepEqual(standing(phone.book.get(known.id), "village"), [since]);
});

// loss 16
test("A save that fails in its midst leaves nothing of itself", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Lò" });
  await phone.take({ records: [known] });
  const before = await phone.dump();
  const again = full(t, "bytes");
  await assert.rejects(phone.book.savePicture(await taken("gỉ sắt"), phone.book.get(known.id)!), { name: "QuotaExceededError" });
  again();
  assert.equal(await phone.dump(), before);
});

// loss 1
test("What goes wrong once a save is on disk does not call it failed, and a second press makes no picture twice", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Lò" });
  await phone.take({ records: [known] });
  const picture = await taken("gỉ sắt");
  t.mock.method(console, "warn", () => {});
  t.mock.method(BroadcastChannel.prototype, "postMessage", () => {
    throw new DOMException("closed", "InvalidStateError");
  });
  const shown = phone.book.get(known.id)!;
  await phone.book.savePicture(picture, shown);
  await phone.book.savePicture(picture, shown);
  assert.deepEqual(await phone.waitingIds(), [picture.photo.id]);
});

test("A picture that has gone from the phone holds up no record, and that it is lacking is said", async (t) => {
  const phone = await newPhone(t);
  const picture = await taken("gỉ sắt");
  await phone.book.save({ ...edit({ name: "Lò" }), photos: [picture.photo] });
  const found = await phone.disk.get("pictures", picture.photo.sha256);
  assert.deepEqual([found?.state, found?.unsure], ["waiting", true]);
});
