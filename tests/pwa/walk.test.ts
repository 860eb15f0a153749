// What a walk did not see.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gaps, type Fix } from "../../pwa/src/map/geometry";

const START = Date.parse("2026-11-24T02:00:00Z");

/** A fix so many seconds after the start and metres north of it. */
function fix(seconds: number, north: number, accuracy_m = 5): Fix {
  const at = new Date(START + seconds * 1000).toISOString();
  return { at, point: { type: "Point", coordinates: [104, 21 + north / 110_704] }, accuracy_m };
}

// loss 24
test("A walk that was seen all the way has no gap", () => {
  assert.deepEqual(gaps([0, 1, 2, 3].map((each) => fix(each, each * 1.5))), []);
});

// loss 24
test("A phone that slept for a while leaves a gap from where it was to where it woke", () => {
  const walk = [fix(0, 0), fix(5, 7), fix(50, 30), fix(55, 36)];
  assert.deepEqual(gaps(walk), [[walk[1], walk[2]]]);
});

// loss 24
test("A jump that nobody can walk is a gap, however short it took", () => {
  const walk = [fix(0, 0), fix(2, 60)];
  assert.equal(gaps(walk).length, 1);
});

test("Who stood still for long has missed nothing", () => {
  assert.deepEqual(gaps([fix(0, 0), fix(600, 4)]), []);
});

test("Fixes that are not believed do not hide a gap", () => {
  assert.equal(gaps([fix(0, 0), fix(20, 20, 80), fix(40, 45)]).length, 1);
});
