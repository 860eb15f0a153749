// What a walk with GPS says: which fixes are believed, where somebody stood still at a corner, what was not seen, what looks
// made up, and which corners are left of it all. Pure: fixes in, corners out. Must never throw a fix away: the track is kept.
import { away, flat, isSame, rounded, type Position } from "./ring";

export interface Fix {
  at: string;
  point: { type: "Point"; coordinates: Position };
  /** The radius in which the phone is 95 % sure to be (W3C Geolocation, `coords.accuracy`). */
  accuracy_m: number;
}

/**
 * From here on the phone's doubt is said. Under an open sky a phone is within some 5 m (gps.gov, “GPS Accuracy”, after
 * van Diggelen and Enge, ION GNSS+ 2015): twice that means leaves, a gorge or a body in the way.
 */
export const WARN_M = 10;
/**
 * A fix that is less sure than this is kept in the track and is no step of the walk: the worst that satellites give under trees
 * or in a gorge is 30 m, and what is beyond comes from Wi-Fi or a mast.
 */
export const WAIT_M = 30;
/** Nobody who stands within 3 m for 10 s is walking: slower than 0.3 m/s. */
const STAND_M = 3;
const STAND_MS = 10_000;
const STAND_FIXES = 5;
const GAP_MS = 30_000;
const GAP_M = 40; // nobody walks that far between two fixes
const MISSED_M = 10; // who only stood there has missed no corner
const [FINEST, COARSEST] = [2, 10]; // metres: how much thinning may take off a line

/** How a corner was found: a step of a walk, stood still on, tapped on the map, or a neighbour's. */
export type How = "walked" | "stood" | "tapped" | "shared";

export interface Corner {
  at: Position;
  how: How;
  accuracy_m?: number;
  /** How many fixes it is the mean of. */
  fixes?: number;
  /** A step of a walk that is not thinned yet. */
  raw?: true;
}

export const believed = (fix: Fix) => fix.accuracy_m <= WAIT_M;

/**
 * One corner from fixes taken on one spot: their mean, the surer ones weighing more. Its accuracy is theirs and not less: the
 * errors of a receiver that stands still go together, so more fixes take the jitter out and not the drift.
 */
export function averaged(fixes: readonly Fix[]): Corner {
  let [weights, lon, lat, doubt] = [0, 0, 0, 0];
  for (const { point, accuracy_m } of fixes) {
    const weight = 1 / Math.max(accuracy_m, 0.5) ** 2;
    weights += weight;
    lon += weight * point.coordinates[0];
    lat += weight * point.coordinates[1];
    doubt += weight * accuracy_m;
  }
  return {
    at: rounded([lon / weights, lat / weights]),
    how: "stood",
    accuracy_m: Math.round((doubt / weights) * 10) / 10,
    fixes: fixes.length,
  };
}

/** Whether *next* was taken on the spot where *fixes* were. */
export function isThere(fixes: readonly Fix[], next: Fix): boolean {
  return !fixes.length || away(fixes[0]!.point.coordinates, next.point.coordinates) <= STAND_M;
}

/** The steps of a walk, in order: one for each spot, and the mean of all fixes where somebody stood still. */
export function steps(track: readonly Fix[]): Corner[] {
  const found: Corner[] = [];
  let spot: Fix[] = [];
  const leave = () => {
    if (isStand(spot)) found.push(averaged(spot));
    else if (spot.length) found.push(step(spot[0]!));
  };
  for (const fix of track) {
    if (!believed(fix)) continue;
    if (!isThere(spot, fix)) {
      leave();
      spot = [];
    }
    spot.push(fix);
  }
  leave();
  return found;
}

function isStand(spot: readonly Fix[]): boolean {
  return spot.length >= STAND_FIXES && Date.parse(spot.at(-1)!.at) - Date.parse(spot[0]!.at) >= STAND_MS;
}

function step({ point, accuracy_m }: Fix): Corner {
  return { at: rounded(point.coordinates), how: "walked", accuracy_m, fixes: 1, raw: true };
}

/**
 * The corners that are left of a walk: Douglas and Peucker's line, each step allowed to go by as much as its own fix was unsure
 * of. What was stood on, tapped or shared stays. At least four stay where there are four.
 */
export function thinned(corners: readonly Corner[]): Corner[] {
  const walked = closed(corners);
  const plain = (each: Corner) => {
    const { raw: _, ...rest } = each;
    return rest;
  };
  for (let share = 1; share > 0.05; share /= 2) {
    const kept = betweenPins(walked, share);
    if (kept.length >= 4 || kept.length === walked.length) return kept.map(plain);
  }
  return walked.map(plain);
}

/** Who comes back to where the walk began has closed it: the last steps there are no corners of their own. */
function closed(corners: readonly Corner[]): Corner[] {
  const kept = [...corners];
  const [first] = kept;
  while (kept.length > 4 && kept.at(-1)!.raw && away(first!.at, kept.at(-1)!.at) <= Math.max(STAND_M, kept.at(-1)!.accuracy_m ?? 0)) kept.pop();
  return kept;
}

function betweenPins(corners: readonly Corner[], share: number): Corner[] {
  const kept: Corner[] = [];
  let from = 0;
  for (let place = 1; place < corners.length; place++) {
    if (corners[place]!.raw && place < corners.length - 1) continue;
    kept.push(...simplified(corners.slice(from, place + 1), share).slice(0, -1));
    from = place;
  }
  return corners.length ? [...kept, corners.at(-1)!] : kept;
}

function simplified(line: readonly Corner[], share: number): Corner[] {
  const [first, last] = [line[0]!, line.at(-1)!];
  let [place, most] = [0, 1];
  for (let each = 1; each < line.length - 1; each++) {
    const allowed = Math.min(COARSEST, Math.max(FINEST, line[each]!.accuracy_m ?? FINEST)) * share;
    const beside = besideLine(line[each]!.at, first.at, last.at) / allowed;
    if (beside > most) [place, most] = [each, beside];
  }
  if (!place) return [first, last];
  return [...simplified(line.slice(0, place + 1), share).slice(0, -1), ...simplified(line.slice(place), share)];
}

function besideLine(at: Position, from: Position, to: Position): number {
  const [px, py] = flat(from, at);
  const [qx, qy] = flat(from, to);
  const length = qx * qx + qy * qy;
  const share = length ? Math.max(0, Math.min(1, (px * qx + py * qy) / length)) : 0;
  return Math.hypot(px - share * qx, py - share * qy);
}

/** Where a walk was not seen: the fixes before and after each gap. */
export function gaps(track: readonly Fix[]): [Fix, Fix][] {
  const seen = track.filter(believed);
  return seen.slice(1).flatMap((after, place): [Fix, Fix][] => {
    const before = seen[place]!;
    const far = away(before.point.coordinates, after.point.coordinates);
    const passed = Date.parse(after.at) - Date.parse(before.at);
    // Nobody knows how long it was when the clock was turned back meanwhile.
    const long = passed > GAP_MS || passed < 0;
    return far > GAP_M || (long && far > MISSED_M) ? [[before, after]] : [];
  });
}

/** What looks made up in a track. */
export type Doubt = "same_accuracy" | "no_jitter" | "too_fast";

const ENOUGH = 12; // fixes that move, before anything is said of them
const FASTEST = 15; // metres a second: 54 km/h on foot
const STEADY_M = 0.02;

/**
 * Signs that positions were made by a program and not by a receiver. A browser is not told whether a position is a mock: the
 * operating system knows and does not say so to a page. So this can only doubt: an accuracy that never changes while somebody
 * moves, steps that are alike to the centimetre, a speed that nobody walks.
 */
export function doubts(track: readonly Fix[]): Doubt[] {
  const found: Doubt[] = [];
  const moving = track.filter((fix, place) => believed(fix) && !isSame(fix.point.coordinates, track[place - 1]?.point.coordinates ?? [NaN, NaN]));
  if (moving.length >= ENOUGH) {
    if (moving.every((fix) => fix.accuracy_m === moving[0]!.accuracy_m)) found.push("same_accuracy");
    if (longestSteady(moving) >= ENOUGH - 2) found.push("no_jitter");
  }
  const isTooFast = moving.slice(1).some((after, place) => {
    const before = moving[place]!;
    const seconds = (Date.parse(after.at) - Date.parse(before.at)) / 1000;
    const far = away(before.point.coordinates, after.point.coordinates) - before.accuracy_m - after.accuracy_m;
    return far > 0 && far / Math.max(seconds, 1) > FASTEST;
  });
  return isTooFast ? [...found, "too_fast"] : found;
}

/** How many steps in a row are the step before once more, in length and direction. Rounding alone makes 0.1 m of difference. */
function longestSteady(moving: readonly Fix[]): number {
  const hops = moving.slice(1).map((fix, place) => flat(moving[place]!.point.coordinates, fix.point.coordinates));
  let [longest, now] = [0, 0];
  for (let place = 1; place < hops.length; place++) {
    const [one, other] = [hops[place - 1]!, hops[place]!];
    const differs = Math.hypot(one[0] - other[0], one[1] - other[1]);
    now = differs <= STEADY_M + 0.16 && Math.hypot(...other) > 0.5 ? now + 1 : 0;
    longest = Math.max(longest, now);
  }
  return longest;
}
