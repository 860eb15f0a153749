// Every database that a released version of the app has left on phones opens in today's app, with everything in it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { uuidv7 } from "uuidv7";
import { fitted } from "../../pwa/src/forms/fit";
import { openBook } from "../../pwa/src/store/book";
import { beginPerson, openPerson, PERSON_VERSION } from "../../pwa/src/store/database";
import type { Draft } from "../../pwa/src/store/types";
import "./phone";
import { read, recreate, type Released } from "./released/database";

const FOLDER = "tests/pwa/released";
const RELEASED = readdirSync(FOLDER)
  .filter((each) => each.endsWith(".json"))
  .map((each) => JSON.parse(readFileSync(`${FOLDER}/${each}`, "utf8")) as Released);

/** Every row of *before* stands in *after* as it stood. */
function intact(before: Released, after: Released): void {
  for (const [store, { rows }] of Object.entries(before.stores)) {
    const now = new Map(after.stores[store]!.rows.map(([key, value]) => [JSON.stringify(key), value]));
    for (const [key, value] of rows) assert.deepEqual(now.get(JSON.stringify(key)), value, `${store} ${String(key)}`);
  }
}

// loss 2
test("Each released database opens in today's app with drafts, outbox, sent work and pictures intact", async (t) => {
  for (const released of RELEASED) {
    const user = uuidv7();
    await recreate(`nuong-${user}`, released);
    const book = await openBook(user);
    // An open channel would keep Node alive.
    t.after(() => book.close());
    intact(released, await read(`nuong-${user}`));
    const drafts = released.stores["drafts"]!.rows.map(([, draft]) => (draft as Draft).key);
    assert.deepEqual(book.drafts.value.map((each) => each.key).sort(), drafts.sort());
    assert.equal(book.waiting.value.length, released.stores["outbox"]!.rows.length);
    assert.ok(book.all("farmer").length > 0);
  }
});

// loss 2, 33
test("What was half typed in a released version stands in today's form, or beside it", () => {
  for (const released of RELEASED) {
    for (const [, row] of released.stores["drafts"]!.rows) {
      const [draft, today] = [row as Draft, fitted(row as Draft)];
      assert.deepEqual({ ...today.unfit, ...today.typed }, { ...draft.unfit, ...draft.typed });
      assert.deepEqual([today.photos, today.over], [draft.photos, draft.over]);
    }
  }
});

test("Every version of the database is kept as a fixture, and today's shape is that of the newest", async () => {
  // There are releases that change only the declarations: of those each has a fixture of its own.
  const versions = [...new Set(RELEASED.map((each) => each.version))].sort();
  assert.deepEqual(versions, Array.from({ length: PERSON_VERSION }, (_each, place) => place + 1));
  const user = uuidv7();
  (await beginPerson(user)).close();
  const now = await read(`nuong-${user}`, false);
  const newest = RELEASED.findLast((each) => each.version === PERSON_VERSION)!;
  const shape = Object.entries(newest.stores).map(([name, store]) => [name, { ...store, rows: [] }]);
  assert.deepEqual(now.stores, Object.fromEntries(shape));
});

test("An upgrade only adds: no store, index or row of an older version is missing in a newer one", async () => {
  for (const released of RELEASED) {
    const user = uuidv7();
    await recreate(`nuong-${user}`, released);
    (await openPerson(user)).close();
    const now = await read(`nuong-${user}`);
    for (const [name, store] of Object.entries(released.stores))
      for (const [index, path] of Object.entries(store.indexes)) assert.equal(now.stores[name]?.indexes[index], path);
    intact(released, now);
  }
});
