// Lines that two plots share, and land that two plots claim.
import assert from "node:assert/strict";
import { test } from "node:test";
import { areaHa } from "../../pwa/src/map/geometry";
import { overlaps } from "../../pwa/src/map/overlap";
import { crossingPlaces, crossings, type Position } from "../../pwa/src/map/ring";
import { onto, sharing, snap, type Neighbour } from "../../pwa/src/map/snap";
import type { Corner } from "../../pwa/src/map/walk";

const METRE = 1 / 110_700;
const EAST = METRE / Math.cos((21.2 * Math.PI) / 180);
const place = (east: number, north: number): Position => [
  Math.round((104 + east * EAST) * 1e6) / 1e6,
  Math.round((21.2 + north * METRE) * 1e6) / 1e6,
];
const tapped = (at: Position): Corner => ({ at, how: "tapped" });

/** A field whose eastern side is not straight. */
const WEST: Neighbour = { id: "1", name: "Nà Ớt 1", ring: [place(0, 0), place(50, 0), place(58, 20), place(52, 45), place(60, 80), place(0, 80)] };
const SIDE = WEST.ring.slice(1, 5);
const ATALL: Neighbour = { id: "2", name: "Xa", ring: [place(500, 0), place(550, 0), place(550, 50)] };

/** How many m² a ring shares with WEST. */
const common = (ring: Position[]) => overlaps(ring, [WEST])[0]?.m2 ?? 0;

test("A corner near a neighbour's goes onto it, with the very same numbers", () => {
  const found = snap(place(52, 1), [ATALL, WEST], 5)!;
  assert.equal(found.at, SIDE[0]);
  assert.equal(found.neighbour, WEST);
});

test("A corner near an edge goes onto the edge, and a corner that is near enough goes before", () => {
  const found = snap(place(55, 10), [WEST], 5)!;
  const [a, b] = [WEST.ring[1]!, WEST.ring[2]!];
  const turn = (b[0] - a[0]) * (found.at[1] - a[1]) - (b[1] - a[1]) * (found.at[0] - a[0]);
  assert.ok(Math.abs(turn) < 1e-13);
  assert.equal(snap(place(57, 18), [WEST], 5)!.at, SIDE[1]);
});

test("What is not near stays where it is", () => {
  assert.equal(snap(place(70, 20), [WEST, ATALL], 5), null);
  assert.equal(snap(place(70, 20), [], 5), null);
});

test("Between two corners on a neighbour's line the whole line is shared, and no land is claimed twice or left between", () => {
  let corners: Corner[] = [tapped(place(120, 80)), tapped(place(120, 0)), tapped(place(51, -1))];
  corners = onto(corners, 2, snap(corners[2]!.at, [WEST], 5)!);
  corners = [...corners, tapped(place(61, 81))];
  corners = onto(corners, 3, snap(corners[3]!.at, [WEST], 5)!);
  assert.deepEqual(corners.slice(2).map((each) => each.at), SIDE);
  assert.ok(corners.slice(2).every((each) => each.how === "shared"));
  const ring = corners.map((each) => each.at);
  const both = [WEST.ring[0]!, place(50, 0), ...[...ring.slice(0, 2)].reverse(), place(60, 80), WEST.ring[5]!];
  assert.ok(Math.abs(areaHa(ring) + areaHa(WEST.ring) - areaHa(both)) < 1e-9);
  assert.equal(common(ring), 0);
});

test("The line that closes the ring is shared too", () => {
  const begun = [SIDE[3]!, place(120, 80), place(120, 0)].map(tapped);
  const corners = onto([...begun, tapped(place(49, 0))], 3, { at: SIDE[0]!, neighbour: WEST });
  assert.deepEqual(corners.map((each) => each.at), [SIDE[3], place(120, 80), place(120, 0), SIDE[0], SIDE[1], SIDE[2]]);
});

test("From the middle of one edge to the middle of another the corners between are shared", () => {
  const [low, high] = [snap(place(54, 10), [WEST], 5)!, snap(place(56, 62), [WEST], 5)!];
  let corners = [tapped(place(120, 62)), tapped(place(120, 10)), tapped(low.at)];
  corners = onto(corners, 2, low);
  corners = onto([...corners, tapped(high.at)], 3, high);
  assert.deepEqual(corners.map((each) => each.at).slice(2), [low.at, SIDE[1], SIDE[2], high.at]);
  assert.equal(common(corners.map((each) => each.at)), 0);
});

test("Two corners on opposite sides of a neighbour share no line", () => {
  const thinField: Neighbour = { id: "3", name: "Dải", ring: [place(0, 0), place(200, 0), place(200, 4), place(0, 4)] };
  const corners = onto([tapped(place(100, 0)), tapped(place(100, 4))], 1, snap(place(100, 4), [thinField], 1)!);
  assert.equal(corners.length, 2);
});

test("A walk along a neighbour takes its line", () => {
  const walked = [place(120, 0), place(120, 80), place(63, 79), place(58, 60), place(54, 46), place(56, 30), place(60, 21), place(53, 8), place(52, 1)];
  const corners = sharing(walked.map((at) => ({ at, how: "walked", accuracy_m: 5 })), WEST, 6);
  assert.deepEqual(new Set(SIDE.map(String)), new Set(corners.filter((each) => each.how === "shared").map((each) => String(each.at))));
  const ring = corners.map((each) => each.at);
  assert.equal(crossings(ring).length, 0);
  assert.equal(common(ring), 0);
});

test("A walk that begins on the shared line takes it whole", () => {
  const walked = [place(54, 46), place(56, 30), place(60, 21), place(53, 8), place(52, 1), place(120, 0), place(120, 80), place(63, 79), place(58, 60)];
  const ring = sharing(walked.map((at) => ({ at, how: "walked" })), WEST, 6).map((each) => each.at);
  for (const each of SIDE) assert.ok(ring.includes(each), String(each));
  assert.equal(common(ring), 0);
});

test("Where nothing is near, nothing is shared", () => {
  const far = [place(120, 0), place(160, 0), place(160, 40)].map(tapped);
  assert.deepEqual(sharing(far, WEST, 6), far);
});

test("Land that two plots claim is measured, and named by whose it is", () => {
  const [found, ...others] = overlaps([place(40, 0), place(120, 0), place(120, 80), place(40, 80)], [ATALL, WEST]);
  assert.equal(others.length, 0);
  assert.equal(found!.neighbour.name, "Nà Ớt 1");
  const piece = [place(40, 0), ...SIDE, place(40, 80)];
  assert.ok(Math.abs(found!.m2 - areaHa(piece) * 10_000) < 1, `${found!.m2}`);
});

test("A touch, a gap of a hand's breadth and a plot of two corners are no overlap", () => {
  assert.deepEqual(overlaps([place(60.05, 0), place(120, 0), place(120, 80), place(60.05, 80)], [WEST]), []);
  assert.deepEqual(overlaps([place(10, 10), place(20, 20)], [WEST]), []);
});

test("A ring that crosses itself, one of equal corners and one of no width stop nothing", () => {
  const bow = [place(0, 0), place(40, 40), place(40, 0), place(0, 40)];
  assert.ok(overlaps(bow, [WEST])[0]!.m2 > 100);
  const dot = [place(10, 10), place(10, 10), place(10, 10)];
  assert.deepEqual(overlaps(dot, [WEST]), []);
  assert.deepEqual(overlaps([place(0, 0), place(50, 0), place(20, 0)], [WEST]), []);
  assert.deepEqual(overlaps(bow, [{ id: "4", name: "", ring: dot }]), []);
});

test("Where a ring crosses itself is a place on both of its edges", () => {
  const [found] = crossingPlaces([place(0, 0), place(40, 40), place(40, 0), place(0, 40)]);
  assert.ok(Math.abs(found![0] - place(20, 20)[0]) < 1e-6);
  assert.ok(Math.abs(found![1] - place(20, 20)[1]) < 1e-6);
});
