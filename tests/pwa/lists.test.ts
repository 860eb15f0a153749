// The lists of an installation's own on the phone: read once, kept for the field, offered, and read by name for ever.
import "./page";
import assert from "node:assert/strict";
import { test } from "node:test";
import { uuidv7 } from "uuidv7";
import { open } from "../../pwa/src/app";
import { answered } from "../../pwa/src/forms/asked";
import { options } from "../../pwa/src/forms/choices";
import { fitted } from "../../pwa/src/forms/fit";
import { likeliest } from "../../pwa/src/forms/often";
import { warningsOf } from "../../pwa/src/parts/warnings";
import { entryOf, learnLists, offered } from "../../pwa/src/records/lists";
import { fieldsOf, SCHEMA, type Entry } from "../../pwa/src/records/declarations";
import { titleOf } from "../../pwa/src/records/show";
import { openBook } from "../../pwa/src/store/book";
import type { Draft, Json, Shown } from "../../pwa/src/store/types";
import type { ListNews } from "../../pwa/src/sync/lists";
import { nameOf } from "../../pwa/src/words";
import { AREA, newPhone } from "./phone";

const plum: Entry = { code: "PRNSA", vi: "Mận tam hoa", en: "Tam hoa plum", habit: "tree" };
const fungus: Entry = { code: "abc-50", vi: "ABC 50EC", en: "ABC 50EC", kinds: ["spray"], phi_days: 7, phi_by_crop: [{ crop: "CAHSI", days: 14 }] };
const basket: Entry = { code: "gui", vi: "gùi", en: "basket", kg: 30, crops: ["COFAR"] };
const news = (at: number, entries: ListNews["entries"], more: Partial<ListNews> = {}): ListNews => ({ at, entries, ...more });

test("A phone with no lists says nothing of them; one that has some names how far, and keeps them page by page", async (t) => {
  const phone = await newPhone(t);
  phone.centre.says({}, { lists: news(1, { product: [fungus] }, { anew: true, more: true }) }, { lists: news(3, { crop: [plum] }) }, {});
  await phone.sync();
  await phone.sync();
  await phone.sync();
  assert.deepEqual(phone.centre.asked.map(({ body }) => (body as { lists?: number }).lists), [undefined, undefined, 1, 3]);
  assert.deepEqual(await phone.meta("lists"), { product: { "abc-50": fungus }, crop: { PRNSA: plum } });
  assert.equal(nameOf("crop", "PRNSA"), "Mận tam hoa");
});

test("What the centre puts right or retires takes the place of what was known", async (t) => {
  const phone = await newPhone(t);
  await phone.take({ lists: news(1, { product: [fungus], crop: [plum] }, { anew: true }) });
  await phone.take({ lists: news(2, { product: [{ ...fungus, hidden: true }] }) });
  await phone.book.refresh({ records: [] });
  assert.deepEqual([entryOf("product", "abc-50")?.hidden, nameOf("crop", "PRNSA")], [true, "Mận tam hoa"]);
  assert.ok(!offered("product").some((each) => each.code === "abc-50"));
});

test("They are there when the app is opened without a signal, and are no other person's", async (t) => {
  const phone = await newPhone(t);
  await phone.take({ lists: news(1, { crop: [plum] }, { anew: true }) });
  learnLists("nobody", undefined);
  assert.equal(nameOf("crop", "PRNSA"), "PRNSA");
  const again = await openBook(phone.user);
  t.after(() => again.close());
  assert.equal(nameOf("crop", "PRNSA"), "Mận tam hoa");
  const other = await newPhone(t);
  await other.book.refresh({ records: [] });
  assert.equal(nameOf("crop", "PRNSA"), "PRNSA");
});

test("A new epoch has them told anew, and until then those that are known go on", async (t) => {
  const phone = await newPhone(t);
  await phone.take({ lists: news(9, { crop: [plum], product: [fungus] }, { anew: true }) });
  const fresh = uuidv7();
  phone.centre.says({ epoch: fresh }, () => {
    assert.equal(nameOf("crop", "PRNSA"), "Mận tam hoa");
    return { epoch: fresh, lists: news(1, { crop: [plum] }, { anew: true }) };
  });
  await phone.sync();
  assert.deepEqual(await phone.meta("lists"), { crop: { PRNSA: plum } });
});

test("A list that cannot be read is not kept, nor anything else of its answer", async (t) => {
  const phone = await newPhone(t);
  const before = await phone.dump("lastTry", "budget", "reportedAt");
  phone.centre.says({ lists: { at: 1, entries: { crop: 7 } } as never });
  assert.equal(await phone.sync(), "broken");
  assert.equal(await phone.dump("lastTry", "budget", "reportedAt"), before);
});

test("A record with a code that is not known here shows it, and a form keeps it", async (t) => {
  const phone = await newPhone(t);
  await phone.book.refresh({ records: [] });
  const harvest = { type: "harvest", fields: { quantity: 3, unit: "gui", crop: "PRNSA" } } as unknown as Shown;
  assert.equal(titleOf(harvest), "3 gui PRNSA");
  const unit = fieldsOf("harvest")["unit"]!;
  const control = { id: "u", name: "unit", field: unit, value: "gui", typed: {}, onType: () => undefined };
  assert.ok(options(control).some((each) => each.code === "gui"));
  const draft: Draft = { key: "k", type: "harvest", record: uuidv7(), area: AREA, schema: SCHEMA, typed: { unit: "gui" }, over: {}, isNew: true, changedAt: 1 };
  assert.deepEqual(fitted(draft).typed, { unit: "gui" });
});

test("Forms offer what goes with the crop, keep what was chosen and is retired, and fill in the interval of the plot's crops", async (t) => {
  const phone = await newPhone(t);
  open.value = { book: phone.book, triggers: undefined as never };
  const mango: Entry = { ...basket, code: "sot", vi: "sọt", en: "crate", crops: ["X-MANGO"] };
  const old: Entry = { ...basket, code: "ganh", vi: "gánh", en: "load", hidden: true };
  const borer: Entry = { code: "NEW1", vi: "Mọt mới", en: "New borer", hosts: ["COFAR"] };
  await phone.take({ lists: news(1, { unit: [basket, mango, old], pest: [borer], product: [fungus] }, { anew: true }) });
  await phone.book.refresh({ records: [] });
  const units = (value: Json) =>
    options({ id: "u", name: "unit", field: fieldsOf("harvest")["unit"]!, value, typed: { crop: "COFAR" }, onType: () => undefined }).map((each) => each.code);
  assert.deepEqual(units("kg"), ["kg", "yen", "ta", "tan", "bao", "gui"]);
  assert.deepEqual(units("ganh").at(-1), "ganh");
  const pests = likeliest("pest", offered("pest"), { crop: "COFAR" }).map((each) => each.code);
  assert.ok(pests.indexOf("NEW1") < pests.indexOf("X-MOSAIC"));
  const spray = (crops: string[]) => answered("activity", { kind: "spray" }, "product", "ABC 50EC", crops)["phi_days"];
  assert.deepEqual([spray(["CAHSI"]), spray(["COFAR"]), spray(["COFAR", "CAHSI"]), spray([])], [14, 7, 14, 14]);
});

test("A harvest within the interval that the installation states is warned of, though the diary says none", async (t) => {
  const phone = await newPhone(t);
  open.value = { book: phone.book, triggers: undefined as never };
  await phone.take({ lists: news(1, { product: [fungus] }, { anew: true }) });
  await phone.book.refresh({ records: [] });
  const plot = (await phone.book.save({ type: "plot", area: AREA, record: uuidv7(), set: { name: "Co Mạ" } }))!.record;
  await phone.book.save({ type: "activity", area: AREA, record: uuidv7(), set: { plot, kind: "spray", date: "2026-11-10", product: "ABC 50EC" } });
  const warned = (crop: string, date: string) => warningsOf({ id: uuidv7(), type: "harvest", fields: { plot, crop, date, quantity: 1, unit: "kg" } }).map((each) => each.code);
  assert.deepEqual([warned("CAHSI", "2026-11-20"), warned("COFAR", "2026-11-20"), warned("COFAR", "2026-11-16")], [["not_free"], [], ["not_free"]]);
});
