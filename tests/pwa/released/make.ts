// Writes the database of a phone that was used for a while, as today's app leaves it, beside this file.
import { writeFileSync } from "node:fs";
import test from "node:test";
import { PERSON_VERSION } from "../../../pwa/src/store/database";
import { livedIn, taken } from "../phone";
import { read } from "./database";

test("make", async (t) => {
  const phone = await livedIn(t);
  const [waits, half] = [await taken("waits"), await taken("half-typed")];
  const draft = phone.book.draft("farmer/half")!;
  await phone.book.addPicture(waits, { ...draft, photos: [waits.photo] });
  await phone.book.save({ type: "farmer", area: draft.area, record: phone.known, set: {}, photos: [waits.photo] });
  await phone.book.addPicture(half, { ...draft, photos: [half.photo] });
  const found = await read(`nuong-${phone.user}`);
  writeFileSync(`tests/pwa/released/v${PERSON_VERSION}.json`, `${JSON.stringify(found, null, 1)}\n`);
});
