// What a walk with GPS becomes: what it did not see, where somebody stood, what is left of it, what looks made up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { away, type Position } from "../../pwa/src/map/ring";
import { averaged, doubts, gaps, steps, thinned, type Corner, type Fix } from "../../pwa/src/map/walk";

const START = Date.parse("2026-11-24T02:00:00Z");

/** A fix so many seconds after the start and metres north of it. */
function fix(seconds: number, north: number, accuracy_m = 5): Fix {
  const at = new Date(START + seconds * 1000).toISOString();
  return { at, point: { type: "Point", coordinates: [104, 21 + north / 110_704] }, accuracy_m };
}

const METRE = 1 / 110_700;
const EAST = METRE / Math.cos((21 * Math.PI) / 180);

/** A fix so many metres east and north of the start, with the accuracy that a receiver under leaves has. */
function at(seconds: number, east: number, north: number, accuracy_m = 5): Fix {
  return { at: new Date(START + seconds * 1000).toISOString(), point: { type: "Point", coordinates: [104 + east * EAST, 21 + north * METRE] }, accuracy_m };
}

/** The same numbers each time, from -1 to 1. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (state / 2_147_483_648) * 2 - 1;
  };
}

const CORNERS: Position[] = [[0, 0], [80, 0], [80, 50], [0, 50]];

/** Round a field of 80 by 50 m at 1 m/s, fixes up to *noise* metres off, standing still at each corner for *rest* seconds. */
function round(noise: number, rest = 0, seed = 7): Fix[] {
  const off = chance(seed);
  const track: Fix[] = [];
  let second = 0;
  const take = (east: number, north: number) => track.push(at(second++, east + noise * off(), north + noise * off(), 4 + Math.round(off() * 10) / 10));
  CORNERS.forEach((from, place) => {
    const to = CORNERS[(place + 1) % 4]!;
    for (let each = 0; each < rest; each++) take(from[0], from[1]);
    const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
    for (let gone = 0; gone < far; gone++) take(from[0] + ((to[0] - from[0]) * gone) / far, from[1] + ((to[1] - from[1]) * gone) / far);
  });
  return track;
}

const corner = ([east, north]: Position): Position => [104 + east * EAST, 21 + north * METRE];
const farthest = (corners: Corner[]) => Math.max(...CORNERS.map((each) => Math.min(...corners.map(({ at }) => away(at, corner(each))))));

// loss 24
test("A walk that was seen all the way has no gap", () => {
  assert.deepEqual(gaps([0, 1, 2, 3].map((each) => fix(each, each * 1.5))), []);
});

// loss 24
test("A phone that slept for a while leaves a gap from where it was to where it woke", () => {
  const walk = [fix(0, 0), fix(5, 7), fix(50, 30), fix(55, 36)];
  assert.deepEqual(gaps(walk), [[walk[1], walk[2]]]);
});

// loss 14, 24
test("A clock that is turned back during a walk hides no gap", () => {
  const track = [fix(0, 0), fix(1, 2), fix(-3600, 22), fix(-3599, 24)];
  assert.deepEqual(gaps(track), [[track[1], track[2]]]);
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

test("A walk round a field leaves its corners and not a corner for each second", () => {
  const found = thinned(steps(round(1)));
  assert.ok(found.length >= 4 && found.length <= 8, `${found.length} corners`);
  assert.ok(farthest(found) < 4, `${farthest(found)} m`);
  assert.ok(found.every((each) => each.how === "walked" && each.accuracy_m !== undefined && !each.raw));
});

test("Thinning takes off no more of a line than its fixes were unsure of", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const walked = steps(round(2, 0, seed));
    const kept = thinned(walked).map((each) => each.at);
    for (const { at: place, accuracy_m } of walked) {
      const beside = Math.min(...kept.map((one, number) => toEdge(place, one, kept[(number + 1) % kept.length]!)));
      assert.ok(beside <= Math.max(2, accuracy_m!) + 0.1, `seed ${seed}: ${beside} m`);
    }
  }
});

test("What is thinned once stays as it is", () => {
  const once = thinned(steps(round(1.5)));
  assert.deepEqual(thinned(once), once);
});

test("Who stands still at a corner gets the mean of the fixes there, and how many they were", () => {
  const found = thinned(steps(round(1, 20)));
  const stood = found.filter((each) => each.how === "stood");
  assert.equal(stood.length, 4);
  assert.ok(stood.every((each) => each.fixes! >= 15 && each.accuracy_m! > 3 && each.accuracy_m! < 6));
  assert.ok(farthest(stood) < 1, `${farthest(stood)} m`);
});

test("A mean leans to the surer fixes, and claims no more than they did", () => {
  const found = averaged([at(0, 0, 0, 3), at(1, 10, 0, 30)]);
  assert.ok(away(found.at, corner([0, 0])) < 0.3);
  assert.equal(found.accuracy_m, 3.3);
  assert.equal(averaged([at(0, 0, 0, 5), at(1, 0, 0, 5), at(2, 0, 0, 5)]).accuracy_m, 5);
});

test("Fixes that are too unsure are no steps", () => {
  assert.deepEqual(steps([fix(0, 0), fix(5, 200, 31), fix(10, 10)]).length, 2);
});

test("A field of three corners stays one, and a line of two steps two", () => {
  assert.equal(thinned(steps([at(0, 0, 0), at(60, 60, 0), at(120, 30, 50)])).length, 3);
  assert.equal(thinned(steps([at(0, 0, 0), at(60, 60, 0)])).length, 2);
  assert.deepEqual(thinned([]), []);
});

test("A receiver that is carried raises no doubt", () => {
  for (let seed = 1; seed <= 20; seed++) assert.deepEqual(doubts(round(1, 0, seed)), []);
});

test("An accuracy that never changes, steps like a ruler and a speed of nobody on foot are doubted", () => {
  const ruler = Array.from({ length: 30 }, (_, each) => at(each, each * 2, 0, 5));
  assert.deepEqual(doubts(ruler), ["same_accuracy", "no_jitter"]);
  assert.deepEqual(doubts(ruler.map((each, place) => ({ ...each, accuracy_m: 4 + (place % 3) }))), ["no_jitter"]);
  assert.deepEqual(doubts([at(0, 0, 0), at(1, 500, 0), at(2, 501, 0)]), ["too_fast"]);
  assert.deepEqual(doubts([at(0, 0, 0), at(1, 12, 0, 10), at(2, 0, 0)]), []); // within what the fixes were unsure of
  assert.deepEqual(doubts(ruler.slice(0, 5)), []); // too few to say anything
});

function toEdge(place: Position, a: Position, b: Position): number {
  const [px, py] = [(place[0] - a[0]) / EAST, (place[1] - a[1]) / METRE];
  const [qx, qy] = [(b[0] - a[0]) / EAST, (b[1] - a[1]) / METRE];
  const length = qx * qx + qy * qy;
  const share = length ? Math.max(0, Math.min(1, (px * qx + py * qy) / length)) : 0;
  return Math.hypot(px - share * qx, py - share * qy);
}
