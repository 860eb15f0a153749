// How a number is read that somebody types: what is written with one mark and three digits is never made a thousand times smaller.
import "./page";
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { faultsAt } from "../../pwa/src/forms/faults";
import { notRead, read, readNumber, typedOf, understood } from "../../pwa/src/forms/typed";
import { fieldsOf } from "../../pwa/src/records/declarations";
import { validateSet } from "../../pwa/src/records/validate";
import { language } from "../../pwa/src/words";
import "./phone";

const { quantity, price_vnd, unit_kg } = fieldsOf("harvest") as Record<string, import("../../pwa/src/records/declarations").Field>;
const { declared_area_ha, crops } = fieldsOf("plot") as Record<string, import("../../pwa/src/records/declarations").Field>;

function inEnglish(t: TestContext): void {
  language.value = "en";
  t.after(() => (language.value = "vi"));
}

test("A number is read with a comma or a point, with thousands parted by the other mark, or by one that stands twice", () => {
  const read = { "4.5": 4.5, "4,5": 4.5, "4,25": 4.25, "1.234,5": 1234.5, "1,234.5": 1234.5, "1.234.567": 1234567, "1,234,567": 1234567, "0,500": 0.5, "0.125": 0.125, "1 200": 1200, "1234.567": 1234.567, ",5": 0.5, "5.": 5, "-2,5": -2.5 };
  for (const [typed, value] of Object.entries(read)) assert.equal(readNumber(typed), value, typed);
  for (const typed of ["", ".", "1.2.3", "12,34.5", "1,5 kg", "1.234,5,6", "--1"]) assert.equal(readNumber(typed), null, typed);
});

test("A point with three digits behind it parts thousands in Vietnamese, and a comma in English, and that is said", (t) => {
  assert.equal(read(quantity!, "4.210"), 4210);
  assert.equal(understood(quantity!, "4.210"), "= 4210");
  assert.equal(read(unit_kg!, "1.200"), 1200);
  assert.equal(understood(unit_kg!, "1.200"), "= 1200 kg");
  assert.equal(understood(quantity!, "4,5"), "");
  inEnglish(t);
  assert.equal(read(quantity!, "4,210"), 4210);
  assert.equal(understood(quantity!, "4,210"), "= 4210");
});

test("A number that may be two is refused at once, with both of them as they can be typed", (t) => {
  assert.equal(read(quantity!, "4,210"), "4,210");
  assert.match(understood(quantity!, "4,210"), /“4,210”.* 4210 .* 4,21\?/);
  assert.equal(validateSet("harvest", { quantity: read(quantity!, "4,210") })[0]!.code, "type");
  assert.equal(notRead(quantity!, "4,210"), understood(quantity!, "4,210"));
  assert.match(understood(declared_area_ha!, "1.234"), / 1234 .* 1,2340\?/);
  assert.deepEqual([read(declared_area_ha!, "1234"), read(declared_area_ha!, "1,2340")], [1234, 1.234]);
  assert.equal(read(declared_area_ha!, "1,234"), 1.234);
  inEnglish(t);
  assert.equal(read(quantity!, "4.210"), "4.210");
  assert.match(understood(quantity!, "4.210"), / 4210 .* 4.21\?/);
});

test("A price in đồng and a count have no decimals: either mark parts thousands, and half of one is refused", (t) => {
  for (const typed of ["13.300", "13,300"]) assert.equal(read(price_vnd!, typed), 13300);
  assert.equal(understood(price_vnd!, "13.300"), "= 13300 đ/kg");
  assert.equal(read(price_vnd!, "13,5"), "13,5");
  assert.equal(notRead(price_vnd!, "13,5"), "Hãy nhập số nguyên.");
  for (const typed of ["1.200", "1,200"]) assert.deepEqual(read(crops!, [{ crop: "COFAR", plants: typed }]), [{ crop: "COFAR", plants: 1200 }]);
  inEnglish(t);
  assert.equal(read(price_vnd!, "13.300"), 13300);
});

test("A number that stands in a record is shown with the mark that is read back as the same number", (t) => {
  const there = () => assert.equal(read(declared_area_ha!, typedOf(1.234)), 1.234);
  there();
  inEnglish(t);
  assert.equal(typedOf(4.5), "4.5");
  there();
});

test("A fault in a table stands at the one field that is wrong, also where an empty row stands above it", () => {
  const typed = [{}, { crop: "COFAR", plants: "40" }, { crop: "MNGIN", plants: "vài" }];
  const found = validateSet("plot", { crops: read(crops!, typed) });
  assert.deepEqual(Object.keys(faultsAt(found, "crops", crops!, typed)), ["2.plants"]);
  const [sentence] = Object.values(faultsAt(found, "crops", crops!, typed));
  assert.equal(sentence, "Giá trị không đúng kiểu. Hãy nhập lại.");
});
