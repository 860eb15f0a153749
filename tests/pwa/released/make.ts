// Writes the database of a phone that was used for a while, as today's app leaves it, beside this file.
import { writeFileSync } from "node:fs";
import test from "node:test";
import { uuidv7 } from "uuidv7";
import { SCHEMA } from "../../../pwa/src/records/schema";
import { PERSON_VERSION } from "../../../pwa/src/store/database";
import type { Candidate } from "../../../pwa/src/store/types";
import { AREA, livedIn, OTHER_AREA, taken, told } from "../phone";
import { read } from "./database";

test("make", async (t) => {
  const phone = await livedIn(t);
  const [waits, half] = [await taken("waits"), await taken("half-typed")];
  const draft = phone.book.draft("farmer/half")!;
  await phone.book.addPicture(waits, { draft: { ...draft, photos: [waits.photo] } });
  await phone.book.save({ type: "farmer", area: draft.area, record: phone.known, set: {}, photos: [waits.photo] });
  await phone.book.addPicture(half, { draft: { ...draft, schema: SCHEMA, photos: [half.photo] } });
  await walksHalfABoundary();
  await readsADispute();
  await signsInAgain();
  await phone.book.visit(phone.known);
  await phone.book.keepGlance([phone.known]);
  const found = await read(`nuong-${phone.user}`);
  writeFileSync(`tests/pwa/released/v${PERSON_VERSION}-${SCHEMA}.json`, `${JSON.stringify(found, null, 1)}\n`);

  /** What a sign-in writes down, and where its person stood when the app was ended. */
  async function signsInAgain(): Promise<void> {
    const person = { id: phone.user, username: "lan", name: "Lò Thị Lan" };
    const standing = { route: "/edit/farmer/half", field: "f-name" };
    for (const [key, value] of Object.entries({ person, device: uuidv7(), begun: true, standing, language: "vi" }))
      await phone.disk.put("meta", value, key);
  }

  /** A plot in the middle of a walk, with a row of crops. */
  async function walksHalfABoundary(): Promise<void> {
    const record = uuidv7();
    const fix = (at: string, lon: number) => ({ at, point: { type: "Point", coordinates: [lon, 21.3] }, accuracy_m: 6 });
    await phone.book.putDraft({
      key: `plot/${record}`,
      type: "plot",
      record,
      area: AREA,
      schema: SCHEMA,
      typed: {
        farmer: phone.known,
        name: "Huổi Pá",
        capture: "walked",
        track: [fix("2026-11-24T02:00:00Z", 104.1), fix("2026-11-24T02:00:20Z", 104.1002)],
        crops: [{ crop: "COFAR", plants: "400" }],
      },
      over: {},
      isNew: true,
      changedAt: 2,
    });
  }

  /** A name in dispute, asked about by the manager; and an area that was given and taken away. */
  async function readsADispute(): Promise<void> {
    const [one, other] = [uuidv7(), uuidv7()];
    const rival = (change: string, value: string): Candidate => ({ change, value, by: uuidv7(), at: "2026-11-24T02:00:00Z" });
    const review = { state: "queried", note: "Tên nào đúng?", seen: [one, other] };
    const disputed = told(
      { name: "Vàng A Páo", review },
      { heads: { [other]: ["name"], [uuidv7()]: ["review"] }, conflicts: { name: [rival(one, "Vàng A Pao"), rival(other, "Vàng A Páo")] } },
    );
    const hears = (...areas: string[]) => Object.fromEntries(areas.map((area) => [area, { cursor: uuidv7(), more: false, role: "officer" }]));
    await phone.take({ areas: hears(AREA, OTHER_AREA) });
    await phone.take({ areas: hears(AREA), records: [disputed] });
    await phone.save({ village: "Bản Nà Ớt" });
  }
});
