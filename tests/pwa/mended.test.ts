// What once went wrong on the phone, a test each: none of it may come back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { uuidv7 } from "uuidv7";
import type { Draft, Json } from "../../pwa/src/store/types";
import type { Reply } from "../../pwa/src/sync/exchange";
import { apply } from "../../pwa/src/sync/apply";
import { AREA, livedIn, newPhone, refusal, reply, secondTab, taken, told } from "./phone";
import type { Answer } from "./phone";

async function nothingIsHalfDone(t: Parameters<typeof livedIn>[0], outcome: string, answer: Answer | Partial<Reply>) {
  const phone = await livedIn(t);
  const before = await phone.dump("lastTry", "budget");
  phone.centre.says(answer);
  assert.equal(await phone.sync(), outcome);
  assert.equal(await phone.dump("lastTry", "budget"), before);
}

const problem = (status: number) =>
  Response.json({}, { status, headers: { "Content-Type": "application/problem+json" } });

// Answers that are not whole -----------------------------------------------------------------------------------------

// loss 4
test("A record that cannot be read leaves nothing of its answer half done", (t) =>
  nothingIsHalfDone(t, "broken", { records: [told({ name: "ok" }), { ...told({ name: "x" }), heads: null as never }] }));

test("An answer without areas leaves nothing half done", (t) =>
  nothingIsHalfDone(t, "not_us", { areas: null as never }));

test("A record without an id leaves nothing of its answer half done", (t) =>
  nothingIsHalfDone(t, "broken", { records: [{ ...told({ name: "x" }), id: undefined as never }] }));

// loss 4
test("A refusal of something that was not sent changes nothing", (t) =>
  nothingIsHalfDone(t, "not_us", (asked) => ({ rejected: [{ ...refusal(asked.body.changes[0]!), id: uuidv7() }] })));

// loss 4
test("The same refusal twice changes nothing", (t) =>
  nothingIsHalfDone(t, "not_us", (asked) => {
    const once = refusal(asked.body.changes[0]!);
    return { rejected: [once, once] };
  }));

test("A refusal of the old token leaves the new one", async (t) => {
  const phone = await newPhone(t);
  phone.centre.says(async () => {
    await phone.disk.put("meta", "token-2", "token");
    return problem(401);
  });
  await phone.sync();
  assert.equal(await phone.meta("token"), "token-2");
});

test("A 401 that is not the centre's signs nobody out", async (t) => {
  const phone = await newPhone(t);
  phone.centre.says(() => new Response("<html>", { status: 401, headers: { "Content-Type": "text/html" } }));
  await phone.sync();
  assert.equal(await phone.meta("token"), "token-1");
});

test("A screen that is gone when the news come does not break the sync", async (t) => {
  const phone = await newPhone(t);
  const outcome = await phone.sync({
    onNews: () => {
      throw new Error("closed");
    },
  });
  assert.equal(outcome, "all_sent");
});

// A centre that lost history -----------------------------------------------------------------------------------------

test("What was sent again is not laid over what the centre lost", async (t) => {
  const phone = await newPhone(t);
  const theirs = told({ name: "lost" });
  await phone.take({ records: [theirs] });
  await phone.save({ village: "Hụm" }, theirs.id);
  await phone.take();
  const epoch = uuidv7();
  await phone.take({ epoch });
  await phone.take({ epoch });
  assert.deepEqual((await phone.base(theirs.id))?.fields, { village: "Hụm" });
});

test("What is sent again goes in the order of editing, whatever the clock said", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "a" });
  await phone.take({ records: [known] });
  const late = "01ffffff-0000-7000-8000-000000000000";
  const change = { id: late, record: known.id, type: "farmer", area: AREA, set: { name: "b" }, schema: 1 };
  await phone.disk.add("outbox", { change, savedAt: 1 } as never);
  await phone.book.load();
  const second = await phone.save({ name: "c" }, known.id);
  await phone.take();
  await phone.take({ epoch: uuidv7() });
  assert.deepEqual(await phone.waitingIds(), [late, second.id]);
  assert.equal(phone.book.get(known.id)?.fields["name"], "c");
});

test("A refused change and a later one that was sent go again in their order", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò" });
  await phone.take({ rejected: [refusal(refused, "invalid")] });
  const second = await phone.save({ village: "Hụm" }, refused.record);
  await phone.take();
  await phone.take({ epoch: uuidv7() });
  assert.deepEqual(await phone.waitingIds(), [refused.id, second.id]);
});

// What was refused ---------------------------------------------------------------------------------------------------

test("Correcting the one wrong field of a refused registration keeps all the others", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò", phone: "bad" });
  await phone.take({ rejected: [refusal(refused, "invalid")] });
  const second = await phone.save({ name: "Lò", phone: "0912" }, refused.record);
  assert.deepEqual(second.set, { name: "Lò", phone: "0912" });
  await phone.take();
  assert.deepEqual(phone.book.get(refused.record)?.fields, { name: "Lò", phone: "0912" });
  assert.deepEqual(await phone.waitingIds(), []);
});

test("A mended change stays before what was typed after it", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò", village: "x" });
  await phone.take({ rejected: [refusal(refused)] });
  await phone.save({ name: "Lò Pâng" }, refused.record);
  await phone.book.mendRefused(refused.id, refused.set);
  assert.equal(phone.book.get(refused.record)?.fields["name"], "Lò Pâng");
});

test("A mended value goes to NFC like any other", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò" });
  await phone.take({ rejected: [refusal(refused)] });
  await phone.book.mendRefused(refused.id, { name: "Lo\u0300" });
  assert.equal((await phone.outbox())[0]!.change.set["name"], "L\u00f2");
});

test("Mending pressed twice sends once", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò" });
  await phone.take({ rejected: [refusal(refused)] });
  const mend = () => phone.book.mendRefused(refused.id, refused.set);
  await Promise.all([mend(), mend()]);
  assert.equal((await phone.outbox()).length, 1);
});

test("Throwing away what is no longer refused throws nothing away", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò" });
  await phone.book.discardRefused(change.id);
  assert.equal((await phone.outbox()).length, 1);
});

test("The oldest unsent is the oldest that can go, not one that was refused", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò" });
  await phone.take({ rejected: [refusal(refused)] });
  await phone.sync();
  const report = phone.centre.asked[0]!.body.report as { oldest_unsent?: string | null } | undefined;
  assert.equal(report?.oldest_unsent, null);
});

// loss 5
test("Mending a refused change does not replace what another officer wrote since", async (t) => {
  const phone = await newPhone(t);
  const seen = told({ name: "a", village: "Hụm" });
  await phone.take({ records: [seen] });
  const refused = await phone.save({ name: "b" }, seen.id);
  await phone.take({ rejected: [refusal(refused)] });
  const theirs = { ...seen, seq: 2, fields: { name: "c", village: "Hụm" }, heads: uuidv7() };
  await phone.take({ records: [theirs] });
  const { fields: opened, heads } = phone.book.get(seen.id)!;
  const over = { ...heads, ...phone.book.overMended(refused) };
  const change = await phone.book.save({ type: "farmer", area: AREA, record: seen.id, set: { ...opened, name: "b" }, over, opened });
  assert.deepEqual([change?.set, change?.over], [{ name: "b" }, { name: [seen.heads] }]);
  assert.deepEqual(await phone.waitingIds(), [change!.id]);
});

// loss 13
test("A tab that does not know yet that a refused change is on its way again leaves it there", async (t) => {
  const phone = await newPhone(t);
  const other = await secondTab(t, phone);
  const refused = await phone.save({ name: "Lò" });
  await phone.take({ rejected: [refusal(refused)] });
  await other.load();
  // A new epoch calls it back, and the other tab has not heard of it.
  await apply(phone.disk, reply([], { epoch: uuidv7() }), []);
  await other.mendRefused(refused.id, { name: "Lò Pâng" });
  assert.deepEqual((await phone.outbox()).map((each) => each.change), [refused]);
  const edit = (await other.save({ type: "farmer", area: AREA, record: refused.record, set: { name: "Lò Pâng" } }))!;
  assert.deepEqual(await phone.waitingIds(), [refused.id, edit.id]);
});

// Forms that stand open ----------------------------------------------------------------------------------------------

test("A field that was left alone does not undo what came in while the form was open", async (t) => {
  const phone = await newPhone(t);
  const seen = told({ name: "a", village: "Hụm" });
  await phone.take({ records: [seen] });
  const opened = phone.book.get(seen.id)!.fields;
  await phone.take({ records: [{ ...seen, seq: 2, fields: { name: "b", village: "Hụm" }, heads: uuidv7() }] });
  const edit = { type: "farmer", area: AREA, record: seen.id, set: { name: "a", village: "Nà Ớt" }, opened };
  const change = await phone.book.save(edit);
  assert.deepEqual(change?.set, { village: "Nà Ớt" });
});

test("Saving a form does not settle a conflict that its author did not touch", async (t) => {
  const phone = await newPhone(t);
  const rivals = [
    { change: uuidv7(), value: "a" },
    { change: uuidv7(), value: "b" },
  ];
  const record = told({ name: "b", village: "Hụm" }, { conflicts: { name: rivals } });
  await phone.take({ records: [record] });
  const opened = phone.book.get(record.id)!.fields;
  const edit = { type: "farmer", area: AREA, record: record.id, set: { name: "b", village: "Nà Ớt" }, opened };
  assert.deepEqual((await phone.book.save(edit))?.set, { village: "Nà Ớt" });
});

test("What came into an empty field while the form was open is not replaced by what is typed there", async (t) => {
  const phone = await newPhone(t);
  const seen = told({ name: "a" });
  await phone.take({ records: [seen] });
  const { fields: opened, heads: over } = phone.book.get(seen.id)!;
  await phone.take({ records: [{ ...seen, seq: 2, fields: { name: "a", village: "Hụm" }, heads: uuidv7() }] });
  const edit = { type: "farmer", area: AREA, record: seen.id, set: { name: "a", village: "Nà Ớt" }, opened, over };
  const change = await phone.book.save(edit);
  assert.deepEqual(change?.set, { village: "Nà Ớt" });
  assert.equal(change?.over, undefined);
});

// loss 3
test("A correction of a record that left the phone meanwhile does not take the record's own id", async (t) => {
  const phone = await newPhone(t);
  const seen = told({ name: "a" });
  await phone.take({ records: [seen] });
  const { fields: opened, heads: over } = phone.book.get(seen.id)!;
  await phone.take({ gone: [{ id: seen.id }] });
  const edit = { type: "farmer", area: AREA, record: seen.id, set: { name: "b" }, opened, over };
  const change = (await phone.book.save(edit))!;
  assert.notEqual(change.id, seen.id);
  assert.deepEqual(change.over, over);
});

test("A record that another tab's sync took away is deleted under an id of its own", async (t) => {
  const phone = await newPhone(t);
  const seen = told({ name: "a" });
  await phone.take({ records: [seen] });
  await apply(phone.disk, reply([], { gone: [{ id: seen.id }] }), []);
  assert.notEqual((await phone.book.remove(seen.id)).id, seen.id);
});

test("A screen that opens before the disk is done begins with the newest draft", async (t) => {
  const phone = await newPhone(t);
  const draft = (name: string): Draft => {
    const record = "0198f0c2-0000-7000-8000-000000000001";
    const same = { key: `farmer/${record}`, type: "farmer", record, area: AREA, schema: 1, over: {}, isNew: true };
    return { ...same, typed: { name }, changedAt: 1 };
  };
  const first = phone.book.putDraft(draft("L"));
  const second = phone.book.putDraft(draft("Lò"));
  assert.equal(phone.book.draft(draft("").key)?.typed["name"], "Lò");
  await first;
  assert.equal(phone.book.draft(draft("").key)?.typed["name"], "Lò");
  await second;
  assert.equal((await phone.disk.get("drafts", draft("").key))?.typed["name"], "Lò");
});

// loss 5, 23
test("Two tabs with the same form half filled in write into one draft, and neither takes away what the other typed", async (t) => {
  const phone = await newPhone(t);
  const beside = await secondTab(t, phone);
  const record = "0198f0c2-0000-7000-8000-000000000001";
  const draft = (typed: Record<string, Json>): Draft => {
    const over = Object.fromEntries(Object.keys(typed).map((name) => [name, [record]]));
    return { key: `farmer/${record}`, type: "farmer", record, area: AREA, schema: 1, typed, over, isNew: false, changedAt: 1 };
  };
  const touched = (...fields: string[]) => ({ fields: new Set(fields), photos: new Set<string>() });
  const onDisk = async () => (await phone.disk.get("drafts", draft({}).key))!;
  await Promise.all([
    phone.book.putDraft(draft({ name: "Pâng", phone: "0912" }), touched("phone")),
    beside.putDraft(draft({ name: "Pâng", village: "Xum" }), touched("village")),
  ]);
  assert.deepEqual((await onDisk()).typed, { name: "Pâng", phone: "0912", village: "Xum" });
  assert.deepEqual(Object.keys((await onDisk()).over).sort(), ["name", "phone", "village"]);

  // What is typed again, or taken back, is what its own tab says.
  await phone.book.putDraft(draft({ name: "Pâng" }), touched("phone"));
  assert.deepEqual((await onDisk()).typed, { name: "Pâng", village: "Xum" });
  // A form that opens now begins with all of it.
  assert.deepEqual(phone.book.draft(draft({}).key)?.typed, { name: "Pâng", village: "Xum" });

  // The pictures of both stay; one that was taken off where it was taken goes.
  const { photo: one } = await taken("một");
  const { photo: other } = await taken("hai");
  const withPhotos = (...photos: (typeof one)[]) => ({ ...draft({ name: "Pâng" }), photos });
  const having = (...photos: (typeof one)[]) => ({ fields: new Set<string>(), photos: new Set(photos.map((each) => each.id)) });
  await phone.book.putDraft(withPhotos(one), having(one));
  await beside.putDraft(withPhotos(other), having(other));
  assert.deepEqual((await onDisk()).photos?.map((each) => each.id).sort(), [one.id, other.id].sort());
  await phone.book.putDraft(withPhotos(), having(one));
  assert.deepEqual((await onDisk()).photos, [other]);
});
