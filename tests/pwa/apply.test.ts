// What an answer of the centre changes on the phone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { uuidv7 } from "uuidv7";
import type { Json } from "../../pwa/src/store/types";
import { apply } from "../../pwa/src/sync/apply";
import { AREA, daysAgo, EPOCH, livedIn, newPhone, officer, OTHER_AREA, refusal, reply, told } from "./phone";

const NEW_EPOCH = uuidv7();

test("An accepted change that is not answered is laid into the base, and moves from the outbox to sent", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Pâng", village: "Hụm", phone: "0912" });
  await phone.take({ records: [known] });
  const first = await phone.save({ name: "Lò Pâng", phone: null }, known.id);
  const second = await phone.save({ name: "Lò Văn Pâng" }, known.id);
  const fresh = await phone.save({ name: "Ún" });
  const applied = await phone.take();
  assert.deepEqual(new Set(applied.touched), new Set([known.id, fresh.record]));
  assert.deepEqual(await phone.outbox(), []);
  assert.deepEqual(await phone.sentIds(), [first.id, second.id, fresh.id].sort());
  assert.deepEqual(await phone.base(known.id), {
    ...known,
    fields: { name: "Lò Văn Pâng", village: "Hụm" },
    heads: { name: [second.id], phone: [first.id], village: [known.heads] },
    conflicts: {},
    deleted: false,
    epoch: EPOCH,
  });
  assert.deepEqual((await phone.base(fresh.record))?.heads, { name: [fresh.id] });
  assert.equal(phone.book.get(fresh.record)?.state, "there");
});

// loss 21
test("A record that is answered is what the centre says, whatever the phone sent", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Pâng", village: "Hụm" });
  await phone.take({ records: [known] });
  const sent = await phone.save({ name: "Lò" }, known.id);
  const theirs = uuidv7();
  const by = uuidv7();
  const conflicts = {
    name: [
      { change: sent.id, value: "Lò", by: phone.user },
      { change: theirs, value: "Pang", by },
    ],
  };
  await phone.take({
    records: [{ ...known, seq: 9, fields: { name: "Pang" }, heads: theirs, conflicts }],
    people: { [by]: "Mai" },
  });
  const base = (await phone.base(known.id))!;
  assert.deepEqual([base.fields, base.heads, base.seq], [{ name: "Pang" }, { name: [theirs] }, 9]);
  assert.deepEqual(phone.book.get(known.id)?.conflicts, conflicts);
  assert.equal(phone.book.person(by), "Mai");
  assert.deepEqual(await phone.sentIds(), [sent.id]);
});

test("One head for a whole record stands for each of its fields, and for its being deleted", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Pâng", village: "Hụm" }, { deleted: true });
  await phone.take({ records: [known] });
  const head = [known.heads];
  assert.deepEqual((await phone.base(known.id))?.heads, { name: head, village: head, deleted: head });
  assert.deepEqual((await phone.book.restore(known.id)).over, { deleted: head });
});

// loss 6
test("A rejected change stays with its reason, blocks no other, and the record shows what others have", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Pâng" });
  await phone.take({ records: [known] });
  const refused = await phone.save({ name: "Lò" }, known.id);
  const accepted = await phone.save({ village: "Hụm" }, known.id);
  await phone.take({ rejected: [refusal(refused, "forbidden")] });
  const [left, ...none] = await phone.outbox();
  assert.deepEqual(none, []);
  assert.deepEqual([left?.change, left?.refused], [refused, { reason: "forbidden", detail: { field: "name" } }]);
  assert.deepEqual(await phone.sentIds(), [accepted.id]);
  const shown = phone.book.get(known.id)!;
  assert.deepEqual([shown.fields, shown.state], [{ name: "Pâng", village: "Hụm" }, "attention"]);
  // The next edit is made over what stands, not over what was refused.
  assert.deepEqual((await phone.save({ name: "Lò Pâng" }, known.id)).over, { name: [known.heads] });
});

test("What a manager accepted or mended needs its author no longer; what was put away still does", async (t) => {
  const phone = await newPhone(t);
  const accepted = await phone.save({ name: "Lò" });
  const mended = await phone.save({ name: "Pâng" });
  const away = await phone.save({ name: "Ún" });
  const open = await phone.save({ name: "Mai" });
  await phone.take({ rejected: [accepted, mended, away, open].map((each) => refusal(each)) });
  const records = [told({ name: "Lò" }, { id: accepted.record }), told({ name: "Lò Pâng" }, { id: mended.record })];
  const settled = { [accepted.id]: "accepted", [mended.id]: "mended", [away.id]: "put_away", [open.id]: "of a newer centre" };
  const applied = await phone.take({ settled, records });
  assert.deepEqual(new Set(applied.touched), new Set([accepted.record, mended.record, away.record]));
  const left = await phone.outbox();
  assert.deepEqual(left.map((each) => [each.change.id, each.refused?.putAway]), [[away.id, true], [open.id, undefined]]);
  assert.equal(phone.book.counts.value.refused, 2);
  assert.deepEqual([phone.book.get(mended.record)?.fields["name"], phone.book.get(mended.record)?.state], ["Lò Pâng", "there"]);
  // A centre that lost its history may have lost the decision too: all of them are offered again, in their order.
  await phone.take({ epoch: uuidv7() });
  assert.deepEqual(await phone.waitingIds(), [accepted.id, mended.id, away.id, open.id]);
});

test("What its author sent once more in the meantime is not taken away by an old decision", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò" });
  await phone.take({ rejected: [refusal(change)] });
  await phone.book.mendRefused(change.id, change.set);
  const [again] = await phone.waitingIds();
  await apply(phone.book.database, reply([], { settled: { [change.id]: "mended" } }), []);
  assert.deepEqual(await phone.waitingIds(), [again]);
});

test("A new record that was refused is still shown, to its author alone", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò" });
  await phone.take({ rejected: [refusal(refused)] });
  assert.equal(await phone.base(refused.record), undefined);
  const shown = phone.book.get(refused.record)!;
  assert.deepEqual([shown.fields, shown.state], [{ name: "Lò" }, "attention"]);
});

// loss 26
test("Only what was in the batch is answered: a change saved since stays, over the one that went", async (t) => {
  const phone = await newPhone(t);
  const first = await phone.save({ name: "Lò" });
  const batch = await phone.outbox();
  const since = await phone.save({ name: "Lò Pâng" }, first.record);
  await apply(phone.disk, reply([first]), batch);
  await phone.book.load();
  assert.deepEqual([await phone.waitingIds(), await phone.sentIds()], [[since.id], [first.id]]);
  assert.deepEqual(since.over, { name: [first.id] });
  assert.equal((await phone.base(first.record))?.fields["name"], "Lò");
  assert.equal(phone.book.get(first.record)?.fields["name"], "Lò Pâng");
});

test("A reply is stored in one durable transaction", async (t) => {
  const phone = await newPhone(t);
  await phone.save({ name: "Lò" });
  const batch = await phone.outbox();
  const spy = t.mock.method(IDBDatabase.prototype, "transaction");
  await apply(
    phone.disk,
    reply(
      batch.map((each) => each.change),
      { records: [told({ name: "Ún" })] },
    ),
    batch,
  );
  const writes = spy.mock.calls.map((call) => call.arguments as unknown[]).filter((each) => each[1] === "readwrite");
  assert.deepEqual(writes, [[["base", "outbox", "sent", "meta"], "readwrite", { durability: "strict" }]]);
});

// loss 25
test("What is gone leaves the base; with an area that is not the record's it stays", async (t) => {
  const phone = await newPhone(t, { [AREA]: officer("Mòng"), [OTHER_AREA]: officer("Hụm") });
  const records = ["a", "b", "c"].map((name) => told({ name }));
  const [whole, here, moved] = records.map((each) => each.id) as [string, string, string];
  await phone.take({ records });
  const areas = reply([], {}, { [AREA]: null, [OTHER_AREA]: null }).areas;
  // It left one area for the other: the news of both may come in one reply or in two, in either order.
  await phone.take({ areas, records: [{ ...records[2]!, area: OTHER_AREA }] });
  await phone.take({
    areas,
    gone: [{ id: whole }, { id: here, area: AREA }, { id: moved, area: AREA }, { id: uuidv7() }],
  });
  assert.deepEqual(await phone.disk.getAllKeys("base"), [moved]);
  assert.equal(phone.book.get(whole), undefined);
});

test("A record that moves away in the reply to its own edit leaves nothing in the base", async (t) => {
  const phone = await newPhone(t);
  const records = [told({ name: "a" }), told({ name: "b" })];
  await phone.take({ records });
  const sent = [
    await phone.save({ village: "Hụm" }, records[0]!.id),
    await phone.save({ village: "Hụm" }, records[1]!.id),
  ];
  await phone.take({ gone: [{ id: records[0]!.id }, { id: records[1]!.id, area: AREA }] });
  assert.deepEqual(await phone.disk.getAllKeys("base"), []);
  assert.deepEqual(
    await phone.sentIds(),
    sent.map((each) => each.id),
  );
});

// loss 3
test("An area taken away wipes its base, once its unsent changes were answered, but not those changes", async (t) => {
  const areas = { [AREA]: officer("Mòng"), [OTHER_AREA]: officer("Hụm") };
  const phone = await newPhone(t, areas);
  const here = told({ name: "a" });
  const there = told({ name: "b" }, { area: OTHER_AREA });
  await phone.take({ records: [here, there], areas: reply([], {}, areas).areas });
  const unsent = await phone.save({ name: "c" }, there.id, OTHER_AREA);
  // A reply that did not carry the change: the area is still here for its sake.
  await apply(phone.disk, reply([]), []);
  assert.deepEqual(await phone.meta("areas"), areas);
  assert.equal((await phone.base(there.id))?.fields["name"], "b");
  assert.deepEqual(await phone.waitingIds(), [unsent.id]);
  await phone.take({ rejected: [refusal(unsent)] });
  assert.deepEqual(await phone.disk.getAllKeys("base"), [here.id]);
  assert.deepEqual(await phone.meta("areas"), { [AREA]: areas[AREA] });
  assert.deepEqual(Object.keys((await phone.meta("cursors")) as object), [AREA]);
  const [left] = await phone.outbox();
  assert.deepEqual([left?.change, left?.refused?.reason], [unsent, "forbidden"]);
  assert.equal(phone.book.get(there.id)?.fields["name"], "c");
});

// loss 17
test("A new epoch throws the reply away, reads from nothing, and sends again in the order of editing", async (t) => {
  const phone = await livedIn(t);
  const sent = await phone.sent();
  const before = await phone.outbox();
  assert.deepEqual([sent.length, before.filter((each) => each.refused).length, before.length], [2, 1, 3]);
  const base = await phone.disk.getAll("base");
  const shown = phone.book.all("farmer").map((each) => each.id);
  const elsewhere = told({ name: "of the other epoch" });
  const applied = await phone.take({ epoch: NEW_EPOCH, records: [elsewhere], gone: [{ id: phone.known }] });
  assert.deepEqual(applied, { touched: [], startOver: true, more: true });
  assert.deepEqual([await phone.meta("epoch"), await phone.meta("cursors")], [NEW_EPOCH, { [AREA]: null }]);
  const after = await phone.outbox();
  assert.deepEqual(
    after.map((each) => each.change),
    [...sent, ...before].map((each) => each.change),
  );
  assert.ok(after.every((each) => !each.refused));
  assert.deepEqual(await phone.sent(), []);
  assert.deepEqual(await phone.disk.getAll("base"), base);
  assert.deepEqual(
    phone.book
      .all("farmer")
      .map((each) => each.id)
      .sort(),
    shown.sort(),
  );
});

test("After the re-read what did not come again is dropped, but nothing of the outbox", async (t) => {
  const phone = await newPhone(t);
  const [again, lost, edited] = [told({ name: "again" }), told({ name: "lost" }), told({ name: "edited" })];
  await phone.take({ records: [again, lost, edited] });
  const mine = await phone.save({ name: "mine" });
  await phone.take();
  await phone.take({ epoch: NEW_EPOCH });
  const [resent] = await phone.outbox();
  assert.deepEqual(resent?.change, mine);
  const unsent = await phone.save({ village: "Hụm" }, edited.id);
  // The first page: there is more to read, so nothing can be missed yet.
  const more = { [AREA]: { cursor: "half", more: true, role: "officer" } };
  await apply(phone.disk, reply([mine], { epoch: NEW_EPOCH, areas: more }), [resent!]);
  await phone.book.load();
  assert.equal(phone.book.all("farmer").length, 4);
  assert.ok(phone.book.reading.value);
  const last = await apply(phone.disk, reply([], { epoch: NEW_EPOCH, records: [again] }), []);
  await phone.book.load();
  assert.deepEqual(new Set(last.touched), new Set([again.id, lost.id, edited.id]));
  assert.deepEqual(new Set(await phone.disk.getAllKeys("base")), new Set([again.id, mine.record]));
  assert.deepEqual([await phone.waitingIds(), await phone.sentIds()], [[unsent.id], [mine.id]]);
  assert.deepEqual(phone.book.get(edited.id)?.fields, { village: "Hụm" });
  assert.equal(phone.book.get(lost.id), undefined);
  // Once read, later replies drop nothing.
  await phone.take({ epoch: NEW_EPOCH });
  assert.equal((await phone.disk.getAllKeys("base")).length, 3);
});

// loss 17
test("An epoch that comes back with an older database makes nothing pass for read again", async (t) => {
  const phone = await newPhone(t);
  const [again, lost] = [told({ name: "again" }), told({ name: "lost" })];
  await phone.take({ records: [again, lost] });
  // The centre noticed a loss; then somebody put back a copy from before it noticed: its epoch is the first one again.
  await phone.take({ epoch: NEW_EPOCH });
  await phone.take();
  await phone.take({ records: [again] });
  assert.deepEqual(await phone.disk.getAllKeys("base"), [again.id]);
});

// loss 3, 17
test("The last cursor of an area that was taken away stays as a mark, until the area is given again", async (t) => {
  const phone = await newPhone(t);
  const here = { cursor: "of the first", more: false, role: "officer" };
  const other = "01980000-0000-7000-8000-00000000000b";
  await phone.take({ areas: { [AREA]: here, [other]: { ...here, cursor: "of the other" } } });
  await phone.take({ areas: { [AREA]: here } });
  assert.deepEqual(await phone.meta("marks"), { [other]: "of the other" });
  await phone.take({ areas: { [AREA]: here } });
  assert.deepEqual(await phone.meta("marks"), { [other]: "of the other" });
  await phone.take({ areas: { [AREA]: here, [other]: { ...here, cursor: "anew" } } });
  assert.deepEqual(await phone.meta("marks"), {});
});

// loss 17
test("What was sent is kept for thirty days", async (t) => {
  const phone = await newPhone(t);
  const [old, late] = [await phone.save({ name: "old" }), await phone.save({ name: "late" })];
  await phone.take();
  await phone.disk.put("sent", { n: 1, id: old.id, change: old, sentAt: daysAgo(30.01) });
  await phone.disk.put("sent", { n: 2, id: late.id, change: late, sentAt: daysAgo(29.99) });
  await phone.take();
  assert.deepEqual(await phone.sentIds(), [late.id]);
});

// loss 14, 17
test("A clock that is put right by fifty years does not end the thirty days", async (t) => {
  const phone = await newPhone(t);
  const now = Date.now;
  t.after(() => (Date.now = now));
  Date.now = () => 86_400_000;
  const change = await phone.save({ name: "Lò" });
  await phone.take();
  Date.now = now;
  await phone.take();
  assert.deepEqual(await phone.sentIds(), [change.id]);
});

// loss 17
test("A hub without a clock, which jumps from 1970 to today, does not end the thirty days", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò" });
  await phone.take({ server_time: "1970-01-01T00:10:00Z" });
  await phone.take();
  assert.deepEqual(await phone.sentIds(), [change.id]);
  await phone.take({ epoch: uuidv7() });
  assert.deepEqual(await phone.waitingIds(), [change.id]);
});

test("Fields and types of a newer app survive reading, editing and reading again", async (t) => {
  const phone = await newPhone(t);
  const future: Json = { of: ["a", { newer: "app" }], at: [1, null, true] };
  const hive = told({ name: "Tổ 1", queen: future }, { type: "beehive" });
  const farmer = told({ name: "Pâng", lineage: future });
  await phone.take({ records: [hive, farmer] });
  assert.deepEqual(
    phone.book.all("beehive").map((each) => each.fields["queen"]),
    [future],
  );
  const edit = { area: AREA, record: hive.id, type: "beehive" };
  const change = (await phone.book.save({ ...edit, set: { name: "Tổ 2", queen: future } }))!;
  assert.deepEqual([change.type, change.set], ["beehive", { name: "Tổ 2" }]);
  await phone.save({ name: "Lò Pâng" }, farmer.id);
  await phone.take();
  assert.deepEqual((await phone.base(hive.id))?.fields, { name: "Tổ 2", queen: future });
  assert.deepEqual((await phone.base(farmer.id))?.fields, { name: "Lò Pâng", lineage: future });
  assert.deepEqual((await phone.base(hive.id))?.heads["queen"], [hive.heads]);
});
