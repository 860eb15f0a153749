// Finding: what is typed finds what is meant, however it is written; each change is found at once, and ten thousand are no more
// trouble than ten.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { uuidv7 } from "uuidv7";
import { Finder, type Wish } from "../../pwa/src/finding/finder";
import { distance, middle } from "../../pwa/src/finding/near";
import { similar, withOneSlip } from "../../pwa/src/finding/vocabulary";
import { openBook } from "../../pwa/src/store/book";
import type { StoredRecord } from "../../pwa/src/store/database";
import type { Fields, Id } from "../../pwa/src/store/types";
import type { WireRecord } from "../../pwa/src/sync/exchange";
import { AREA, EPOCH, newPhone, told, type Phone } from "./phone";

const AROUND = { here: null, recent: [], since: "2026-01-01" };
const square = (x: number, y: number) => ({
  type: "Polygon",
  coordinates: [[[x, y], [x + 0.001, y], [x + 0.001, y + 0.001], [x, y + 0.001], [x, y]]],
});

/** A phone that has read *records*, and what finds on it. */
async function finding(t: TestContext, records: WireRecord[]) {
  const phone = await newPhone(t);
  await phone.take({ records });
  const finder = new Finder(phone.book.shelf, new Intl.Collator("vi").compare);
  const find = (text: string, more: Partial<Wish> = {}, around = {}) =>
    finder.find({ text, order: "name", ...more }, { ...AROUND, ...around }).map(({ row }) => row.name);
  return { phone, finder, find };
}

const farmer = (name: string, more: Fields = {}) => told({ name, ...more });
const plot = (name: string, more: Fields = {}) => told({ name, ...more }, { type: "plot" });

test("Marks and case do not matter, and the beginning of each word is enough", async (t) => {
  const { find } = await finding(t, [farmer("Lò Văn Pâng"), farmer("Đèo Thị Lan"), farmer("Cà Văn Ún")]);
  assert.deepEqual(find("lo van"), ["Lò Văn Pâng"]);
  assert.deepEqual(find("VĂN ÚN"), ["Cà Văn Ún"]);
  assert.deepEqual(find("deo l"), ["Đèo Thị Lan"]);
  assert.deepEqual(find("pang lo"), ["Lò Văn Pâng"]);
  assert.deepEqual(find("lo inh"), []);
});

test("A typo is forgiven: a wrong letter, one too many, one too few, two that changed places", async (t) => {
  const { find } = await finding(t, [farmer("Quàng Thị Dua"), farmer("Lường Văn Hặc")]);
  for (const wish of ["quamg", "quaang", "quag", "qaung", "wuang"]) assert.deepEqual(find(wish), ["Quàng Thị Dua"], wish);
  assert.deepEqual(find("luong vam"), ["Lường Văn Hặc"]);
  // One in all, or everything would be found by anything.
  assert.deepEqual(find("lumng vam"), []);
  assert.ok(!withOneSlip("quang", "hoang"));
});

test("What fits as it was typed stands before what fits with a typo", async (t) => {
  const { find } = await finding(t, [farmer("Hà Lam"), farmer("Hà Lan")]);
  assert.deepEqual(find("lan"), ["Hà Lan", "Hà Lam"]);
});

test("What is only similar is said to be; another number is no slip", async (t) => {
  const { finder, find } = await finding(t, [farmer("Hà Lam", { phone: "0912345678" }), farmer("Giàng A Tủa", { phone: "0913345678" })]);
  const marks = (text: string) => finder.find({ text, order: "name" }, AROUND).map(({ row, isSimilar }) => [row.name, !!isSimilar]);
  assert.deepEqual(marks("lam"), [["Hà Lam", false]]);
  assert.deepEqual(marks("lan"), [["Hà Lam", true]]);
  assert.deepEqual(marks(""), [["Giàng A Tủa", false], ["Hà Lam", false]]);
  assert.deepEqual(find("0912"), ["Hà Lam"]);
  assert.deepEqual(find("0914"), []);
});

test("A product is found with a slip in its name, by what it holds too", () => {
  const products = ["Norshield 86.2WG · copper", "Dithane M-45 · mancozeb", "Anvil 5SC · hexaconazole"];
  const found = (wish: string) => similar(products, (each) => each, wish);
  assert.deepEqual(found("mancozep"), [products[1]]);
  assert.deepEqual(found("anvli"), [products[2]]);
  assert.deepEqual(found("mancazep"), []);
});

test("A phone number is found by its beginning or its end, grouped or not, with the country's code or without", async (t) => {
  const { find } = await finding(t, [farmer("Pâng", { phone: "0912 345 678" }), farmer("Ún", { phone: "+84 987-654-321" })]);
  for (const wish of ["0912345", "0912 345 6", "345678", "+84 912 345"]) assert.deepEqual(find(wish), ["Pâng"], wish);
  assert.deepEqual(find("0987 654"), ["Ún"]);
});

test("Codes are found as they are written, and as one word", async (t) => {
  const { find } = await finding(t, [plot("Huổi Pá", { puc: "VN-SLA-0123" }), plot("Co Mạ", { certificate: "CH 00456" })]);
  for (const wish of ["vn-sla-0123", "vnsla01", "0123"]) assert.deepEqual(find(wish), ["Huổi Pá"], wish);
  assert.deepEqual(find("ch00456"), ["Co Mạ"]);
});

test("A plot is found by its owner's name, also when the owner comes later or is called otherwise", async (t) => {
  const owner = farmer("Vàng A Páo");
  const { phone, find } = await finding(t, [plot("Nương trên", { farmer: owner.id, village: "bản Xum" })]);
  assert.deepEqual(find("pao"), []);
  await phone.take({ records: [owner] });
  assert.deepEqual(find("pao"), ["Nương trên", "Vàng A Páo"]);
  await phone.save({ name: "Giàng A Tủa" }, owner.id);
  assert.deepEqual(find("pao"), []);
  assert.deepEqual(find("tua xum"), ["Nương trên"]);
});

test("What is saved, deleted and restored here is found, or not, at once", async (t) => {
  const { phone, find } = await finding(t, []);
  const { record } = await phone.save({ name: "Tòng Thị Inh" });
  assert.deepEqual(find("tong"), ["Tòng Thị Inh"]);
  await phone.book.remove(record);
  assert.deepEqual(find("tong"), []);
  await phone.book.restore(record);
  assert.deepEqual(find("tong"), ["Tòng Thị Inh"]);
});

test("Near me: by distance from the last fix, a household as near as its nearest plot; what has no place is not near", async (t) => {
  const [near, far] = [farmer("Gần"), farmer("Xa")];
  const { finder } = await finding(t, [
    near,
    far,
    farmer("Không nương"),
    plot("Ở xa", { farmer: far.id, boundary: square(104.2, 21.2) }),
    plot("Ở gần", { farmer: near.id, boundary: square(104.001, 21.2) }),
    plot("Chưa đo", { farmer: near.id }),
  ]);
  const hits = finder.find({ text: "", order: "near" }, { ...AROUND, here: [104, 21.2] });
  assert.deepEqual(hits.map(({ row }) => row.name).sort(), ["Gần", "Xa", "Ở gần", "Ở xa"].sort());
  assert.ok(hits[0]!.away! < hits[3]!.away! && Math.abs(hits[0]!.away! - 165) < 3, String(hits[0]!.away));
});

test("Distances agree with the ellipsoid to half a per cent, and a boundary's middle is the middle of its corners", () => {
  // GeographicLib: 10,378.4 m from (104, 21.2) to (104.1, 21.2), 11,072 m to (104, 21.3).
  assert.ok(Math.abs(distance([104, 21.2], [104.1, 21.2]) / 10_384 - 1) < 0.005);
  assert.ok(Math.abs(distance([104, 21.2], [104, 21.3]) / 11_073 - 1) < 0.005);
  const [x, y] = middle(square(104, 21))!;
  assert.ok(Math.abs(x - 104.0005) < 1e-9 && Math.abs(y - 21.0005) < 1e-9);
  assert.equal(middle(undefined), null);
});

test("Filters: by crop, and by what is missing", async (t) => {
  const [owner, alone] = [farmer("Có nương", { phone: "0912", consent: true }), farmer("Không nương")];
  const whole = plot("Đủ", { farmer: owner.id, boundary: square(104, 21), crops: [{ crop: "COFAR" }] });
  const bare = plot("Thiếu", { farmer: owner.id });
  const entry = (type: string, fields: Fields) => told(fields, { type });
  const { find } = await finding(t, [
    owner,
    alone,
    whole,
    bare,
    entry("harvest", { plot: whole.id, date: "2026-03-01" }),
    entry("observation", { plot: whole.id }),
    entry("harvest", { plot: bare.id, date: "2025-03-01" }),
  ]);
  assert.deepEqual(find("", { crop: "COFAR" }), ["Đủ"]);
  assert.deepEqual(find("", { missing: "boundary" }), ["Thiếu"]);
  assert.deepEqual(find("", { missing: "crop" }), ["Thiếu"]);
  assert.deepEqual(find("", { missing: "harvest" }), ["Thiếu"]);
  assert.deepEqual(find("", { missing: "visit" }), []);
  assert.deepEqual(find("", { missing: "phone" }), ["Không nương"]);
  assert.deepEqual(find("", { missing: "plot" }), ["Không nương"]);
  assert.deepEqual(find("", { missing: "consent" }), ["Không nương"]);
});

// Ten thousand --------------------------------------------------------------------------------------------------------

/** A phone with ten thousand records on its disk; the ids of its farmers. */
async function full(t: TestContext): Promise<{ phone: Phone; farmers: Id[] }> {
  const phone = await newPhone(t);
  const farmers = Array.from({ length: 1000 }, uuidv7);
  const plots = Array.from({ length: 1000 }, uuidv7);
  const work = phone.disk.transaction("base", "readwrite");
  const put = (id: Id, type: string, fields: Fields) =>
    void work.store.put({ id, type, area: AREA, seq: 1, fields, heads: { name: [id] }, conflicts: {}, deleted: false, epoch: EPOCH } as StoredRecord);
  farmers.forEach((id, n) => put(id, "farmer", { name: `Hộ ${n}`, phone: `09${String(n).padStart(8, "0")}` }));
  plots.forEach((id, n) => put(id, "plot", { name: `Nương ${n}`, farmer: farmers[n]! }));
  for (let n = 0; n < 8000; n++) put(uuidv7(), "harvest", { plot: plots[n % 1000]!, date: "2026-11-01", quantity: n });
  await work.done;
  return { phone, farmers };
}

// loss 10
test("Ten thousand records: a save reads and enters one of them, and so does a search after it", async (t) => {
  const { phone, farmers } = await full(t);
  await phone.book.load();
  const finder = new Finder(phone.book.shelf, new Intl.Collator("vi").compare);
  finder.takeIn(Infinity);
  const entered: Id[] = [];
  phone.book.shelf.onChange.add((id) => entered.push(id));
  const read = watchReads(t);
  await phone.save({ name: "Lò Văn Pâng" }, farmers[500]);
  assert.deepEqual([...new Set(entered)], [farmers[500]]);
  assert.ok(read() <= 30, `${read()} values were read for one save`);
  const hits = finder.find({ text: "lo pang", order: "name" }, AROUND);
  assert.deepEqual(hits.map(({ row }) => row.name), ["Lò Văn Pâng", "Nương 500"]);
});

// loss 10
test("Ten thousand records: home opens with what it showed last, and an edit made before the rest is read is over what stands on disk", async (t) => {
  const { phone, farmers } = await full(t);
  await phone.book.load();
  await phone.book.visit(farmers[7]!);
  await phone.book.keepGlance([farmers[7]!]);
  phone.book.close();
  const book = await openBook(phone.user);
  t.after(() => book.close());
  assert.equal(book.whole.value, false);
  assert.equal(book.get(farmers[7]!)?.fields["name"], "Hộ 7");
  assert.equal(book.counts.value.atCentre, 10_000);
  assert.equal(book.get(farmers[999]!), undefined);
  // It stands on disk, though not in memory yet: what it says must not be typed over unseen.
  const change = await book.save({ type: "farmer", area: AREA, record: farmers[999]!, set: { name: "Lò", phone: "0900000999" } });
  assert.deepEqual(change?.set, { name: "Lò" });
  assert.deepEqual(change?.over, { name: [farmers[999]] });
  assert.notEqual(change?.id, farmers[999]);
  await book.opened;
  assert.equal(book.all("farmer").length, 1000);
  assert.equal(book.get(farmers[999]!)?.fields["name"], "Lò");
  assert.equal(book.counts.value.atCentre, 10_000);
});

// loss 10
test("Ten thousand records: what comes in while they are being read is not written over by the older state", async (t) => {
  const { phone, farmers } = await full(t);
  await phone.book.keepGlance([]);
  await phone.book.load();
  await phone.book.keepGlance([]);
  phone.book.close();
  const book = await openBook(phone.user);
  t.after(() => book.close());
  const held = (await phone.base(farmers[3]!))!;
  await phone.disk.put("base", { ...held, fields: { name: "Mới" } });
  await phone.disk.delete("base", farmers[4]!);
  await book.refresh({ records: [farmers[3]!, farmers[4]!] });
  await book.opened;
  assert.equal(book.get(farmers[3]!)?.fields["name"], "Mới");
  assert.equal(book.get(farmers[4]!), undefined);
  assert.equal(book.counts.value.atCentre, 9_999);
});

/** How many values were read from disk since. */
function watchReads(t: TestContext): () => number {
  let count = 0;
  for (const store of [IDBObjectStore.prototype, IDBIndex.prototype])
    for (const way of ["get", "getAll"] as const) {
      const real = store[way] as (...args: unknown[]) => IDBRequest;
      t.mock.method(store, way, function (this: unknown, ...args: unknown[]) {
        const request = real.apply(this, args);
        request.addEventListener("success", () => (count += Array.isArray(request.result) ? request.result.length : 1));
        return request;
      } as never);
    }
  return () => count;
}
