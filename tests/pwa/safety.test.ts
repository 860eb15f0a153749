// The safety copy: out of one phone and into another, whole or not at all, and nothing twice.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { strToU8, unzipSync, zipSync } from "fflate";
import { uuidv7 } from "uuidv7";
import { NoCopy, read, takeIn, unsentOf, write } from "../../pwa/src/safety/copy";
import { keepTaken } from "../../pwa/src/store/pictures";
import type { Draft } from "../../pwa/src/store/types";
import { AREA, livedIn, newPhone, OTHER_AREA, refusal, taken, told, type Phone } from "./phone";

const LAN = { id: uuidv7(), username: "lan", name: "Lò Thị Lan" };

// loss 7
test("What waits, what was refused, drafts and pictures come out of one phone and into another", async (t) => {
  const from = await withEverything(t);
  const unsent = await from.outbox();
  const copy = await copyOf(from);
  const to = await newPhone(t);
  const came = await takeIn(to.disk, copy);
  assert.deepEqual(came, { author: LAN, added: unsent.length, known: 0, elsewhere: 0, drafts: 2, pictures: 2 });
  const after = await to.outbox();
  assert.deepEqual(
    after.map((each) => [each.change, each.refused]),
    unsent.map((each) => [each.change, undefined]),
  );
  assert.deepEqual(await to.disk.getAll("drafts"), await from.disk.getAll("drafts"));
  for (const picture of await from.disk.getAll("pictures")) {
    assert.equal((await to.disk.get("pictures", picture.sha256))?.state, picture.state);
    assert.deepEqual(await to.disk.get("bytes", picture.sha256), await from.disk.get("bytes", picture.sha256));
  }
  await to.book.load();
  assert.equal(to.book.counts.value.waiting, unsent.length);
  assert.equal(await to.sync(), "all_sent");
  assert.deepEqual(
    to.centre.asked.flatMap((each) => each.body.changes),
    unsent.map((each) => each.change),
  );
});

// loss 7
test("A copy that is read in twice, or after its work was sent, makes nothing twice", async (t) => {
  const from = await withEverything(t);
  const copy = await copyOf(from);
  const to = await newPhone(t);
  await takeIn(to.disk, copy);
  const once = await to.dump();
  assert.deepEqual(pick(await takeIn(to.disk, copy)), { added: 0, drafts: 0, pictures: 0 });
  assert.equal(await to.dump(), once);
  await to.book.load();
  await to.sync();
  assert.deepEqual(pick(await takeIn(to.disk, copy)), { added: 0, drafts: 0, pictures: 0 });
  assert.deepEqual(await to.outbox(), []);
  // The phone that wrote it has it all as well.
  assert.deepEqual(pick(await takeIn(from.disk, copy)), { added: 0, drafts: 0, pictures: 0 });
});

// loss 7
test("However many pictures wait, the copy of them can be read", async (t) => {
  const from = await withEverything(t);
  const copy = await copyOf(from);
  const text = Object.entries(unzipSync(copy)).filter(([name]) => !name.startsWith("pictures/"));
  const most = text.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  assert.equal((await read(copy, most)).pictures.length, (await from.disk.getAll("pictures")).length);
  await assert.rejects(read(copy, most - 1), NoCopy);
});

test("What stands in the records that the centre told of is known, though another phone sent it", async (t) => {
  const from = await newPhone(t);
  const change = await from.save({ name: "Lò Văn Pâng" });
  const copy = await copyOf(from);
  const to = await newPhone(t);
  await to.take({ records: [told({ name: "Lò Văn Pâng" }, { id: change.record, heads: change.id })] });
  assert.deepEqual(await takeIn(to.disk, copy), { author: LAN, added: 0, known: 1, elsewhere: 0, drafts: 0, pictures: 0 });
});

test("A draft does not come back over one that stands here, nor over what was saved since", async (t) => {
  const from = await newPhone(t);
  const [here, saved] = [half("L"), half("Q")];
  await from.book.putDraft(here);
  await from.book.putDraft(saved);
  const copy = await copyOf(from);
  const to = await newPhone(t);
  await to.book.putDraft({ ...here, typed: { name: "Lò" } });
  await to.save({ name: "Quàng" }, saved.record);
  assert.equal((await takeIn(to.disk, copy)).drafts, 0);
  assert.deepEqual((await to.disk.getAll("drafts")).map((each) => each.typed), [{ name: "Lò" }]);
});

// loss 7, 19
test("A picture of a draft that was saved since goes to the centre, though its draft does not come back", async (t) => {
  const from = await newPhone(t);
  const [draft, picture, thrown] = [half("Q"), await taken("gỉ sắt"), await taken("mờ")];
  await from.book.addPicture(picture, { draft: { ...draft, photos: [picture.photo] } });
  await keepTaken(from.disk, thrown, { draft: { ...draft, photos: [thrown.photo] } });
  await from.book.putDraft({ ...draft, photos: [picture.photo] });
  const copy = await copyOf(from);
  // Saved afterwards, and its records sent; then the phone fell into the river before the picture went.
  const to = await newPhone(t);
  await to.take({ records: [told({ name: "Quàng" }, { id: draft.record })] });
  const came = await takeIn(to.disk, copy);
  assert.deepEqual([came.drafts, came.pictures], [0, 2]);
  const states = await Promise.all([picture, thrown].map(async ({ photo }) => (await to.disk.get("pictures", photo.sha256))?.state));
  assert.deepEqual(states, ["waiting", undefined]);
});

// loss 7
test("A picture that waits in the copy waits here too, where it was only half typed", async (t) => {
  const from = await newPhone(t);
  const [draft, picture] = [half("Q"), await taken("gỉ sắt")];
  await from.book.addPicture(picture, { draft: { ...draft, photos: [picture.photo] } });
  const to = await newPhone(t);
  await keepTaken(to.disk, picture, { draft: { ...draft, photos: [picture.photo] } });
  await from.book.save({ type: "farmer", area: AREA, record: draft.record, set: { name: "Quàng" }, photos: [picture.photo], form: { draft } });
  await takeIn(to.disk, await copyOf(from));
  assert.equal((await to.disk.get("pictures", picture.photo.sha256))?.state, "waiting");
});

test("Changes of areas that are not this person's are told apart, and refused ones stay with them", async (t) => {
  const from = await newPhone(t);
  const change = await from.save({ name: "Lò" }, uuidv7(), OTHER_AREA);
  const to = await newPhone(t);
  assert.equal((await takeIn(to.disk, await copyOf(from))).elsewhere, 1);
  to.centre.says({ rejected: [refusal(change)] });
  assert.equal(await to.sync(), "some_refused");
  assert.deepEqual((await to.outbox()).map((each) => [each.change, each.refused?.reason]), [[change, "forbidden"]]);
});

// loss 7
test("A file that is foreign, cut off, damaged or of a newer form changes nothing, and says what it is", async (t) => {
  const from = await withEverything(t);
  const copy = await copyOf(from);
  const changed = (name: string, to: (text: string) => string) => {
    const parts = unzipSync(copy);
    return zipSync({ ...parts, [name]: strToU8(to(new TextDecoder().decode(parts[name]))) });
  };
  const picture = Object.keys(unzipSync(copy)).find((name) => name.startsWith("pictures/"))!;
  const bad: [NoCopy["why"], Uint8Array][] = [
    ["foreign", strToU8("<!doctype html><title>Free WiFi</title>")],
    ["foreign", new Uint8Array()],
    ["foreign", zipSync({ "book.xml": strToU8("<x/>") })],
    ["foreign", changed("changes.json", (text) => text.replace("safety-copy", "field-book"))],
    ["broken", copy.slice(0, copy.length / 2)],
    ["broken", changed("changes.json", (text) => text.slice(0, -20))],
    ["broken", changed("changes.json", (text) => text.replace('"record":"', '"record":"x'))],
    ["broken", changed("drafts.json", (text) => text.replace('"key":"', '"key":"x'))],
    ["broken", changed(picture, () => "another picture")],
    ["newer", changed("changes.json", (text) => text.replace('"form":1', '"form":2'))],
  ];
  const to = await livedIn(t);
  const before = await to.dump();
  for (const [place, [why, file]] of bad.entries()) {
    await assert.rejects(takeIn(to.disk, file), (error) => error instanceof NoCopy && error.why === why, `file ${place}`);
    assert.equal(await to.dump(), before, `file ${place}`);
  }
});

// loss 16
test("A disk that refuses in the middle takes in nothing of a copy", async (t) => {
  const copy = await copyOf(await withEverything(t));
  const to = await newPhone(t);
  const before = await to.dump();
  const add = IDBObjectStore.prototype.add;
  let count = 0;
  t.mock.method(IDBObjectStore.prototype, "add", function (this: IDBObjectStore, value: unknown) {
    if (++count < 2) return add.call(this, value);
    this.transaction.abort();
    throw new DOMException("full", "QuotaExceededError");
  });
  await assert.rejects(takeIn(to.disk, copy));
  assert.equal(await to.dump(), before);
});

// Helpers ------------------------------------------------------------------------------------------------------------

/** A phone with waiting and refused changes, drafts, and a picture that has not been sent. */
async function withEverything(t: TestContext): Promise<Phone> {
  const phone = await livedIn(t);
  // A real half-typed form carries its own key.
  await phone.disk.clear("drafts");
  await phone.book.putDraft(half("L"));
  const picture = await taken("gỉ sắt");
  await keepTaken(phone.disk, picture, { draft: { ...half("Cà"), photos: [picture.photo] } });
  return phone;
}

async function copyOf(phone: Phone): Promise<Uint8Array> {
  return write(await unsentOf(phone.disk), LAN, uuidv7(), "2026-11-24T03:12:00.000Z");
}

function half(name: string): Draft {
  const record = uuidv7();
  const rest = { type: "farmer", record, area: AREA, schema: 1, over: {}, isNew: true, changedAt: 1 };
  return { key: `farmer/${record}`, typed: { name }, ...rest };
}

const pick = ({ added, drafts, pictures }: { added: number; drafts: number; pictures: number }) => ({ added, drafts, pictures });

// loss 7
test("An old copy shows no old value over a newer one; the centre is asked about it all the same", async (t) => {
  const from = await newPhone(t);
  const record = uuidv7();
  const old = await from.save({ name: "Lò", village: "Xum" }, record);
  const copy = await copyOf(from);
  const to = await newPhone(t);
  const since = uuidv7();
  await to.take({ records: [told({ name: "Lò Văn Pâng" }, { id: record, heads: since })] });
  await takeIn(to.disk, copy);
  await to.book.load();
  const shown = to.book.get(record)!;
  assert.deepEqual(shown.fields, { name: "Lò Văn Pâng", village: "Xum" });
  assert.deepEqual((await to.save({ name: "Pâng" }, record)).over, { name: [since] });
  assert.deepEqual((await to.waitingIds()).includes(old.id), true);
});

// loss 7, 19
test("Good bytes in a copy mend a picture that was refused here", async (t) => {
  const from = await newPhone(t);
  const [draft, picture] = [half("Q"), await taken("gỉ sắt")];
  await from.book.addPicture(picture, { draft: { ...draft, photos: [picture.photo] } });
  await from.book.save({ type: "farmer", area: AREA, record: draft.record, set: { name: "Quàng" }, photos: [picture.photo], form: { draft } });
  const copy = await copyOf(from);
  const { sha256 } = picture.photo;
  await from.disk.put("pictures", { ...(await from.disk.get("pictures", sha256))!, state: "refused", refusal: "gone_from_phone" });
  await from.disk.delete("bytes", sha256);
  await takeIn(from.disk, copy);
  assert.equal((await from.disk.get("pictures", sha256))?.state, "waiting");
  assert.ok(await from.disk.get("bytes", sha256));
});
