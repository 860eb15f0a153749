// Pictures on the phone: kept with their draft, saved with their record, sent after all records, gone only when they may.
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { uuidv7 } from "uuidv7";
import { openBook } from "../../pwa/src/store/book";
import { makeRoom, ROOM } from "../../pwa/src/store/pictures";
import { KEEP_SENT } from "../../pwa/src/store/sent";
import type { Draft } from "../../pwa/src/store/types";
import { AREA, daysAgo, hashOf, newPhone, taken, type Phone } from "./phone";

const ROOT = "https://centre.test/api/v1/photos";

/** The place where the centre takes pictures in; `cuts` are links that break, `says` another answer than usual. */
class Shelf {
  readonly asked: string[] = [];
  readonly kept = new Map<string, Uint8Array>();
  cuts: (number | undefined)[] = [];
  says: (Response | undefined)[] = [];
  private readonly coming = new Map<string, { sha256: string; length: number; bytes: Uint8Array }>();

  answers(phone: Phone): void {
    const records = phone.centre.fetch;
    globalThis.fetch = async (url, init) => {
      const address = String(url);
      return address.startsWith(ROOT) ? this.take(address, init ?? {}) : records(url, init);
    };
  }

  private async take(address: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const body = new Uint8Array(await new Response(init.body ?? null).arrayBuffer());
    this.asked.push(`${init.method ?? "GET"} ${address.slice(ROOT.length)} ${body.length}`);
    const other = this.says.shift();
    if (other) return other;
    if (address.endsWith("/missing")) {
      const { sha256 } = JSON.parse(new TextDecoder().decode(body)) as { sha256: string[] };
      return Response.json({ missing: sha256.filter((each) => !this.kept.has(each)) });
    }
    if (init.method === "POST") {
      const id = uuidv7();
      const sha256 = atob(headers.get("Upload-Metadata")!.split(" ")[1]!);
      this.coming.set(id, { sha256, length: Number(headers.get("Upload-Length")), bytes: new Uint8Array() });
      const offset = await this.add(id, body);
      return new Response(null, { status: 201, headers: { Location: `/api/v1/photos/${id}`, "Upload-Offset": String(offset) } });
    }
    const id = address.slice(ROOT.length + 1);
    const upload = this.coming.get(id);
    if (!upload) return problem(404, "not_found");
    const here = String(upload.bytes.length);
    if (init.method === "HEAD") return new Response(null, { status: 200, headers: { "Upload-Offset": here } });
    if (headers.get("Upload-Offset") !== here) return problem(409, "elsewhere");
    return new Response(null, { status: 204, headers: { "Upload-Offset": String(await this.add(id, body)) } });
  }

  private async add(id: string, body: Uint8Array): Promise<number> {
    const upload = this.coming.get(id)!;
    const cut = this.cuts.shift();
    upload.bytes = joined(upload.bytes, cut === undefined ? body : body.slice(0, cut));
    if (cut !== undefined) throw new TypeError("the link broke");
    if (upload.bytes.length === upload.length) {
      assert.equal(await hashOf(upload.bytes.slice().buffer), upload.sha256);
      this.kept.set(upload.sha256, upload.bytes);
    }
    return upload.bytes.length;
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function problem(status: number, code: string): Response {
  const headers = { "Content-Type": "application/problem+json", "Tus-Resumable": "1.0.0" };
  return new Response(JSON.stringify({ code, detail: code }), { status, headers });
}

async function withShelf(t: TestContext): Promise<Phone & { shelf: Shelf }> {
  const phone = await newPhone(t);
  const shelf = new Shelf();
  shelf.answers(phone);
  return Object.assign(phone, { shelf });
}

const half = (photos: Draft["photos"] & object): Draft => ({
  key: "observation/half",
  type: "observation",
  record: uuidv7(),
  area: AREA,
  schema: 2,
  typed: { note: "lá vàng" },
  over: {},
  photos,
  isNew: true,
  changedAt: Date.now(),
});

/** Save an observation with a picture of *size* bytes. */
async function observed(phone: Phone, what: string, size = 3000) {
  const picture = await taken(what, size);
  const draft = half([picture.photo]);
  await phone.book.addPicture(picture, { draft });
  const { type, area, record } = draft;
  await phone.book.save({ type, area, record, set: { note: what }, photos: draft.photos, form: { draft } });
  return { ...picture, record };
}

const stateOf = async (phone: Phone, sha256: string) => (await phone.disk.get("pictures", sha256))?.state;

// loss 23
test("A picture is on disk with the draft that names it, and both are there when the app is opened again", async (t) => {
  const phone = await newPhone(t);
  const { photo, full, preview } = await taken("gỉ sắt");
  await phone.book.addPicture({ photo, full, preview }, { draft: half([photo]) });
  phone.book.close();
  const later = await openBook(phone.user);
  t.after(() => later.close());
  assert.deepEqual(later.draft("observation/half")?.photos, [photo]);
  assert.deepEqual(await later.bytesOf(photo.sha256), full);
  assert.deepEqual(await later.bytesOf(photo.preview_sha256), preview);
  assert.equal(later.pictures.value.waiting, 0);
});

// loss 23
test("A picture that is done after its form was left comes to the draft as it stands by then", async (t) => {
  const phone = await newPhone(t);
  const picture = await taken("gỉ sắt");
  const left = half([]);
  await phone.book.putDraft(left);
  const onward = { ...left, typed: { note: "lá vàng", found: "present" }, changedAt: left.changedAt + 1000 };
  await phone.book.putDraft(onward);
  await phone.book.addPicture(picture, { draft: { ...left, photos: [picture.photo] } });
  assert.deepEqual(await phone.disk.get("drafts", left.key), { ...onward, photos: [picture.photo] });
  assert.deepEqual(phone.book.draft(left.key)?.typed, onward.typed);
});

// loss 19
test("A picture that the disk does not take is named by no draft", async (t) => {
  const phone = await newPhone(t);
  const picture = await taken("gỉ sắt");
  const draft = half([]);
  await phone.book.putDraft(draft);
  const unkept = { ...picture, full: (() => undefined) as never };
  await assert.rejects(phone.book.addPicture(unkept, { draft: { ...draft, photos: [picture.photo] } }));
  assert.deepEqual(phone.book.draft(draft.key)?.photos, []);
  assert.deepEqual((await phone.disk.get("drafts", draft.key))?.photos, []);
});

test("Saving writes the record, a record of each picture and their way to the centre in one transaction", async (t) => {
  const phone = await withShelf(t);
  const { photo, record } = await observed(phone, "gỉ sắt");
  const [observation, picture, ...more] = (await phone.outbox()).map((each) => each.change);
  assert.equal(more.length, 0);
  assert.deepEqual(observation?.set, { note: "gỉ sắt" });
  const { id, ...fields } = photo;
  assert.equal(picture?.id, id);
  assert.deepEqual(picture?.set, { of: record, ...fields });
  assert.equal(await stateOf(phone, photo.sha256), "waiting");
  assert.deepEqual(phone.book.pictures.value, { waiting: 1, waitingBytes: 3300, refused: 0 });
  assert.deepEqual(phone.book.referring(record, "photo").map((each) => each.id), [id]);
});

test("A picture of a record that is there is saved at once, with its record", async (t) => {
  const phone = await withShelf(t);
  const change = await phone.save({ name: "Lò Văn Pâng" });
  const picture = await taken("giấy tờ");
  await phone.book.savePicture(picture, phone.book.get(change.record)!);
  assert.deepEqual((await phone.outbox()).map((each) => each.change.set["of"]), [undefined, change.record]);
  await phone.sync();
  assert.ok(phone.shelf.kept.has(picture.photo.sha256));
});

// loss 19
test("Records go first, then every preview, then the full pictures; each is kept until the centre has it", async (t) => {
  const phone = await withShelf(t);
  const [one, other] = [await observed(phone, "một"), await observed(phone, "hai")];
  assert.equal(await phone.sync(), "all_sent");
  assert.equal((await phone.outbox()).length, 0);
  const order = [...phone.shelf.kept.keys()];
  const names = [one.photo.preview_sha256, other.photo.preview_sha256, one.photo.sha256, other.photo.sha256];
  assert.deepEqual(order, names);
  for (const name of names) assert.equal(await stateOf(phone, name), "sent");
  assert.deepEqual(await phone.book.bytesOf(one.photo.sha256), one.full);
  assert.equal(phone.book.pictures.value.waiting, 0);
});

// loss 19
test("After a cut at any place the upload goes on at the byte where the centre stands", async (t) => {
  const phone = await withShelf(t);
  const { photo, full } = await observed(phone, "dài", 40_000);
  phone.shelf.cuts = [100, 250];
  assert.equal(await phone.sync(), "offline");
  assert.equal(await stateOf(phone, photo.preview_sha256), "waiting");
  assert.equal((await phone.outbox()).length, 0, "the records are through");
  assert.equal(await phone.sync(), "offline");
  phone.shelf.cuts = [];
  assert.equal(await phone.sync(), "all_sent");
  // In the middle of the full picture, with some of it there.
  const second = await observed(phone, "dài hơn", 200_000);
  await phone.disk.put("meta", 16_000, "chunk");
  phone.shelf.cuts = [undefined, undefined, 7_001, undefined, 1];
  phone.shelf.asked.length = 0;
  for (let tries = 0; tries < 3; tries++) await phone.sync();
  assert.deepEqual(phone.shelf.kept.get(second.photo.sha256), new Uint8Array(second.full));
  assert.deepEqual(phone.shelf.kept.get(photo.sha256), new Uint8Array(full));
  assert.equal(await stateOf(phone, second.photo.sha256), "sent");
  assert.ok(phone.shelf.asked.some((each) => each.startsWith("HEAD")), "it asked where to go on");
});

// loss 19
test("A record that is saved while a picture goes is sent before the next chunk", async (t) => {
  const phone = await withShelf(t);
  const { photo } = await observed(phone, "dài", 200_000);
  await phone.disk.put("meta", 16_000, "chunk");
  const fetched = globalThis.fetch;
  const order: string[] = [];
  let saved = false;
  globalThis.fetch = async (url, init) => {
    const address = String(url);
    order.push(address.includes("/photos") ? "picture" : "records");
    if (init?.method === "PATCH" && !saved) {
      saved = true;
      await phone.save({ name: "Lò Văn Pâng" });
    }
    return fetched(url, init);
  };
  assert.equal(await phone.sync(), "all_sent");
  const first = order.indexOf("picture");
  assert.ok(order.indexOf("records", first) > first && order.lastIndexOf("picture") > order.indexOf("records", first));
  assert.equal(await stateOf(phone, photo.sha256), "sent");
  assert.equal((await phone.outbox()).length, 0);
});

test("A picture that the centre refuses needs a person and holds up no other", async (t) => {
  const phone = await withShelf(t);
  const [bad, good] = [await observed(phone, "hỏng"), await observed(phone, "lành")];
  phone.shelf.says = [problem(422, "hash_mismatch")];
  assert.equal(await phone.sync(), "all_sent");
  assert.equal(await stateOf(phone, bad.photo.preview_sha256), "refused");
  assert.equal(await stateOf(phone, good.photo.sha256), "sent");
  assert.equal(phone.book.pictures.value.refused, 1);
  assert.deepEqual((await phone.book.refusedPictures()).map((each) => each.refusal), ["hash_mismatch"]);
  await phone.book.sendPictureAgain(bad.photo.preview_sha256);
  await phone.sync();
  assert.equal(await stateOf(phone, bad.photo.preview_sha256), "sent");
});

// loss 15
test("A login page in place of the centre takes no picture for sent", async (t) => {
  const phone = await withShelf(t);
  const { photo } = await observed(phone, "gỉ sắt");
  const page = () => new Response("<html>", { status: 200, headers: { "Content-Type": "text/html" } });
  phone.shelf.says = [page()];
  assert.equal(await phone.sync(), "not_us");
  phone.shelf.says = [page()];
  assert.equal(await phone.sync(), "not_us");
  assert.equal(await stateOf(phone, photo.preview_sha256), "waiting");
  assert.equal(await phone.sync(), "all_sent");
});

test("Where the answer to an upload was lost, the centre is asked before a byte goes again", async (t) => {
  const phone = await withShelf(t);
  const { photo, preview } = await observed(phone, "gỉ sắt");
  phone.shelf.cuts = [preview.byteLength];
  assert.equal(await phone.sync(), "offline");
  phone.shelf.kept.set(photo.preview_sha256, new Uint8Array(preview));
  phone.shelf.asked.length = 0;
  await phone.sync();
  assert.match(phone.shelf.asked[0]!, /^POST \/missing/);
  assert.equal(phone.shelf.asked.filter((each) => each === `POST  ${preview.byteLength}`).length, 0);
  assert.equal(await stateOf(phone, photo.preview_sha256), "sent");
});

// loss 17
test("A new epoch asks which pictures the centre lacks, and sends just those again", async (t) => {
  const phone = await withShelf(t);
  const [lost, stays] = [await observed(phone, "mất"), await observed(phone, "còn")];
  await phone.sync();
  phone.shelf.kept.delete(lost.photo.sha256);
  phone.shelf.asked.length = 0;
  phone.centre.says({ epoch: uuidv7() });
  const epoch = uuidv7();
  for (let answer = 0; answer < 8; answer++) phone.centre.says({ epoch });
  await phone.sync();
  const sent = phone.shelf.asked.filter((each) => each.startsWith("POST  "));
  assert.deepEqual(sent, ["POST  3000"]);
  assert.ok(phone.shelf.kept.has(lost.photo.sha256));
  assert.equal(await stateOf(phone, stays.photo.sha256), "sent");
});

test("What the centre has goes after thirty days, earlier where room is short; what waits never does", async (t) => {
  const phone = await withShelf(t);
  const [old, young] = [await observed(phone, "cũ"), await observed(phone, "mới")];
  await phone.sync();
  const waits = await observed(phone, "chờ");
  const row = (await phone.disk.get("pictures", old.photo.sha256))!;
  await phone.disk.put("pictures", { ...row, sentAt: daysAgo(31), sentHere: daysAgo(31) });
  assert.equal(await makeRoom(phone.disk, null), 3000);
  assert.equal(await phone.book.bytesOf(old.photo.sha256), undefined);
  assert.ok(await phone.book.bytesOf(old.photo.preview_sha256), "the small one stays to be seen");
  assert.equal(await makeRoom(phone.disk, ROOM - 1), 3000);
  assert.equal(await phone.book.bytesOf(young.photo.sha256), undefined);
  assert.equal(await makeRoom(phone.disk, 0), 0);
  assert.deepEqual(await phone.book.bytesOf(waits.photo.sha256), waits.full);
  assert.equal(KEEP_SENT, 30 * 24 * 3600 * 1000);
});

// loss 14, 17
test("A picture that was sent under a clock of 1970 stays its thirty days when the clock is put right", async (t) => {
  const phone = await withShelf(t);
  t.mock.timers.enable({ apis: ["Date"], now: new Date("2026-11-24T02:00:00Z") });
  const here = Date.now();
  t.mock.timers.setTime(3600_000);
  phone.centre.says({ server_time: new Date(here).toISOString() });
  const { photo, full } = await observed(phone, "gỉ sắt");
  await phone.sync();
  assert.equal(await stateOf(phone, photo.sha256), "sent");
  t.mock.timers.setTime(here + 1000);
  assert.equal(await makeRoom(phone.disk, null), 0);
  assert.deepEqual(await phone.book.bytesOf(photo.sha256), full);
});

// loss 17
test("A picture that went to a hub without a clock stays its thirty days when the hub learns the time", async (t) => {
  const phone = await withShelf(t);
  phone.centre.says({ server_time: "1970-01-01T00:10:00Z" });
  const { photo, full } = await observed(phone, "gỉ sắt");
  await phone.sync();
  await phone.sync();
  assert.equal(await makeRoom(phone.disk, null), 0);
  assert.deepEqual(await phone.book.bytesOf(photo.sha256), full);
});

test("A picture that the centre refused is taken again and goes, for the record that waits for it", async (t) => {
  const phone = await withShelf(t);
  const { photo, full, preview } = await observed(phone, "gỉ sắt");
  const row = (await phone.disk.get("pictures", photo.sha256))!;
  await phone.disk.put("pictures", { ...row, state: "refused", refusal: "gone_from_phone" });
  await phone.disk.delete("bytes", photo.sha256);
  const again = half([]);
  await phone.book.addPicture({ photo, full, preview }, { draft: { ...again, photos: [photo] } });
  await phone.book.dropDraft({ draft: again });
  await phone.sync();
  assert.ok(phone.shelf.kept.has(photo.sha256));
});

test("A picture that was thrown away with its draft goes, but not while it can be taken back", async (t) => {
  const phone = await newPhone(t);
  const picture = await taken("gỉ sắt");
  const draft = half([picture.photo]);
  await phone.book.addPicture(picture, { draft });
  // Taken hours ago, thrown away just now.
  const row = (await phone.disk.get("pictures", picture.photo.sha256))!;
  await phone.disk.put("pictures", { ...row, madeAt: daysAgo(1) });
  await phone.book.dropDraft({ draft });
  await makeRoom(phone.disk, null);
  await phone.book.putDraft(draft);
  assert.ok(await phone.book.bytesOf(picture.photo.sha256));
  await phone.book.dropDraft({ draft });
  assert.equal(await makeRoom(phone.disk, null, Date.now() + 2 * 3600 * 1000), 3300);
});
