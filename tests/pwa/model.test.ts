// What the phone makes of older and newer apps, of records that were joined, of reviews, and of a clock that is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { uuidv7 } from "uuidv7";
import { behind, isWrong, learn, now, right } from "../../pwa/src/clock";
import { fitted, touched, withoutUnfit } from "../../pwa/src/forms/fit";
import { SCHEMA } from "../../pwa/src/records/declarations";
import { PERSON_VERSION } from "../../pwa/src/store/database";
import { changedSinceReview } from "../../pwa/src/store/overlay";
import type { Draft, Fields, Json } from "../../pwa/src/store/types";
import { AREA, newPhone, told } from "./phone";

// Drafts across versions of the declarations --------------------------------------------------------------------------

// loss 33
test("A draft of an older form opens in today's: what fits stands, what does not is beside it, and nothing is gone", () => {
  const fits = { date: "2026-11-23", quantity: "12,5", unit: "kg", note: "ướt", buyer: "" };
  const gone = { weight: "120", moisture: "khô", grade: ["A"] };
  const vanished = { crop: "OLDCRP" };
  const draft = half("harvest", { ...fits, ...gone, ...vanished });
  const today = fitted(draft);
  assert.deepEqual(today.typed, fits);
  assert.deepEqual(today.unfit, { ...gone, ...vanished });
  assert.equal(today.schema, SCHEMA);
});

// loss 33
test("A list of crops in a draft stays whole, or is shown whole: a crop that vanished is not left out of it", () => {
  const good = [{ crop: "COFAR", variety: "Catimor" }];
  assert.deepEqual(fitted(half("plot", { crops: good })).typed, { crops: good });
  for (const bad of [[{ crop: "OLDCRP" }], [{ crop: "COFAR", rows: 3 }], "COFAR"]) {
    const today = fitted(half("plot", { name: "Huổi Pá", crops: bad }));
    assert.deepEqual([today.typed, today.unfit], [{ name: "Huổi Pá" }, { crops: bad }]);
  }
});

test("What a record said when its form was opened is not taken for typed, whatever the form of today makes of it", () => {
  const opened = { name: "Pâng", lineage: { newer: "app" }, village: "Hụm" };
  const draft = { ...half("farmer", { ...opened, village: "Mòng" }), opened, isNew: false };
  const today = fitted(draft);
  assert.deepEqual(today.typed, draft.typed);
  assert.equal(today.unfit, undefined);
  assert.deepEqual(touched(today, today.typed), { village: "Mòng" });
});

test("A draft of today's form is opened as it is, half-typed values too", () => {
  const draft = { ...half("harvest", { quantity: "12a", crop: "NEWCRP" }), schema: SCHEMA };
  assert.equal(fitted(draft), draft);
});

// loss 33
test("What does not fit goes into the note by a press, or away, one by one", () => {
  const draft = fitted(half("harvest", { note: "ướt", weight: "120", colour: "đỏ" }));
  const moved = withoutUnfit(draft, "weight", "weight: 120");
  assert.deepEqual([moved.typed["note"], moved.unfit], ["ướt\nweight: 120", { colour: "đỏ" }]);
  const none = withoutUnfit(moved, "colour");
  assert.deepEqual([none.typed["note"], none.unfit], ["ướt\nweight: 120", undefined]);
  // Opened again after an update to the update: what stood beside it still does.
  assert.deepEqual(fitted({ ...draft, schema: 0 }).unfit, draft.unfit);
});

// loss 33
test("What an older tab had no place for stands in the form again, and not in the place of what was typed since", () => {
  const draft = { ...half("harvest", { quantity: "12" }), unfit: { buyer: "Cà phê Mòng", quantity: "7", colour: "đỏ" } };
  const today = fitted(draft);
  assert.deepEqual(today.typed, { quantity: "12", buyer: "Cà phê Mòng" });
  assert.deepEqual(today.unfit, { quantity: "7", colour: "đỏ" });
});

// Two versions at once ------------------------------------------------------------------------------------------------

// loss 2, 13
test("A tab that must give way to a newer version writes what is typed first, and says so", async (t) => {
  const phone = await newPhone(t);
  const draft = { ...half("farmer", { name: "Lò Văn Pâng" }), schema: SCHEMA };
  phone.book.beforeClosing.add(() => {
    phone.book.beforeClosing.clear();
    void phone.book.putDraft(draft);
  });
  const newer = await upgraded(`nuong-${phone.user}`);
  t.after(() => newer.close());
  assert.equal(phone.book.closedBy.value, "update");
  const kept = newer.transaction("drafts").objectStore("drafts").get(draft.key);
  await new Promise((done) => (kept.onsuccess = done));
  assert.deepEqual(kept.result, draft);
  await assert.rejects(phone.save({ name: "Lò" }), { name: "InvalidStateError" });
});

// Records that were joined --------------------------------------------------------------------------------------------

test("What was recorded on a record that was joined into another is shown on that one, however often it was joined", async (t) => {
  const phone = await newPhone(t);
  const [kept, twin, third] = [told({ name: "Pâng" }), told({ name: "Pang" }), told({ name: "Lò Pâng" })];
  const plots = [kept, twin, third].map((each) => told({ name: `of ${each.id}`, farmer: each.id }, { type: "plot" }));
  await phone.take({ records: [kept, twin, third, ...plots] });
  const join = (record: typeof kept, into: typeof kept) =>
    phone.take({ records: [{ ...record, seq: 9, fields: { ...record.fields!, same_as: into.id }, heads: uuidv7() }] });
  await join(twin, kept);
  await join(third, twin);
  const ids = (id: string) => new Set(phone.book.referring(id, "plot").map((each) => each.id));
  assert.deepEqual(ids(kept.id), new Set(plots.map((each) => each.id)));
  assert.equal(phone.book.meant(plots[2]!.fields!["farmer"])?.id, kept.id);
  assert.deepEqual(phone.book.all("farmer").map((each) => each.id), [kept.id]);
  // It still opens by itself, and joining is taken back like any other value.
  assert.equal(phone.book.get(twin.id)?.fields["same_as"], kept.id);
  await phone.take({ records: [{ ...twin, seq: 10, heads: uuidv7() }] });
  assert.deepEqual(ids(kept.id), new Set([plots[0]!.id]));
  assert.deepEqual(ids(twin.id), new Set([plots[1]!.id, plots[2]!.id]));
  assert.equal(phone.book.all("farmer").length, 2);
});

test("Two records that were joined into each other, or into one that is not here, stand for themselves", async (t) => {
  const phone = await newPhone(t);
  const [one, other] = [uuidv7(), uuidv7()];
  await phone.take({
    records: [
      told({ name: "a", same_as: other }, { id: one }),
      told({ name: "b", same_as: one }, { id: other }),
      told({ name: "c", same_as: uuidv7() }),
    ],
  });
  assert.equal(phone.book.all("farmer").length, 3);
  assert.equal(phone.book.meant(one)?.id, one);
});

// Reviews -------------------------------------------------------------------------------------------------------------

test("An approval covers what its manager saw, and nothing that came after", async (t) => {
  const phone = await newPhone(t);
  const [made, reviewed] = [uuidv7(), uuidv7()];
  const heads = { [made]: ["name", "village"], [reviewed]: ["review"] };
  const record = (seen: string[]) => {
    const review: Json = { state: "approved", seen };
    return told({ name: "Pâng", village: "Hụm", review }, { heads });
  };
  const covered = record([made]);
  await phone.take({ records: [covered, record([])] });
  const [, unseen] = phone.book.all("farmer");
  assert.equal(changedSinceReview(phone.book.get(covered.id)!), false);
  assert.equal(changedSinceReview(unseen!), true);
  await phone.save({ village: "Mòng" }, covered.id);
  assert.equal(changedSinceReview(phone.book.get(covered.id)!), true);
});

// The clock -----------------------------------------------------------------------------------------------------------

// loss 14
test("A clock that is years behind is put right on the screen and told of, and the ids are left alone", async (t) => {
  t.after(() => learn(undefined, null));
  const phone = await newPhone(t);
  const years = 2 * 365 * 24 * 3600_000;
  phone.centre.says({ server_time: new Date(Date.now() + years).toISOString() });
  await phone.sync();
  assert.ok(Math.abs(behind.value - years) < 10_000 && isWrong());
  assert.ok(Math.abs(now() - right(Date.now())) < 1000);
  const change = await phone.save({ name: "Lò" });
  const at = parseInt(change.id.slice(0, 8) + change.id.slice(9, 13), 16);
  assert.ok(Math.abs(at - Date.now()) < 60_000);
});

// loss 14
test("What was learned of the clock counts no more once it was set, nor does the link's own delay", () => {
  const at = Date.now() - 1000;
  learn(3600_000, at);
  assert.equal(behind.value, 3600_000);
  learn(3600_000, at + 3600_000 * 24 * 365);
  assert.equal(behind.value, 0);
  learn(-3600_000, Date.now() - 3600_000 * 24 * 365);
  assert.equal(behind.value, 0);
  learn(30_000, at);
  assert.equal(behind.value, 0);
  learn(undefined, null);
});

// Helpers ------------------------------------------------------------------------------------------------------------

/** A draft that was begun in an older version of the app. */
function half(type: string, typed: Fields): Draft {
  const record = uuidv7();
  return { key: `${type}/${record}`, type, record, area: AREA, schema: 0, typed, over: {}, isNew: true, changedAt: 1 };
}

/** The database as a newer app opens it. */
function upgraded(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, PERSON_VERSION + 1);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
