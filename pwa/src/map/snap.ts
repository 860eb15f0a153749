// Lines that two plots share: a corner that comes near a neighbour's goes onto it, and what lies between two such corners follows
// the neighbour's line, corner by corner, with the very same numbers. Pure. Must never change the neighbour's shape.
import { away, foot, isSame, type Position } from "./ring";
import type { Corner } from "./walk";

export interface Neighbour {
  id: string;
  name: string;
  /** Without the position that closes it. */
  ring: Position[];
}

export interface Snapped {
  at: Position;
  neighbour: Neighbour;
}

const ON_LINE = 0.01; // metres: nearer than this a corner lies on the neighbour's line
const LONGEST_WAY = 4; // times as far along the line as straight across: the other side of the plot, and not a shared line

/** Onto the nearest corner of a neighbour within *within* metres, else onto the nearest of its edges; null where none is so near. */
export function snap(at: Position, neighbours: readonly Neighbour[], within: number): Snapped | null {
  let corner: Snapped | null = null;
  let edge: Snapped | null = null;
  let [toCorner, toEdge] = [within, within];
  for (const neighbour of neighbours)
    neighbour.ring.forEach((a, place) => {
      const far = away(at, a);
      if (far <= toCorner) [corner, toCorner] = [{ at: a, neighbour }, far];
      const b = neighbour.ring[(place + 1) % neighbour.ring.length]!;
      const near = foot(at, a, b);
      if (near.away <= toEdge) [edge, toEdge] = [{ at: between(a, b, near.share), neighbour }, near.away];
    });
  return corner ?? edge;
}

/** A place on an edge. Nine decimals: with six it would lie up to 5 cm beside the line, and the two plots would overlap. */
function between(a: Position, b: Position, share: number): Position {
  if (share === 0) return a;
  if (share === 1) return b;
  const exact = (value: number) => Math.round(value * 1e9) / 1e9;
  return [exact(a[0] + share * (b[0] - a[0])), exact(a[1] + share * (b[1] - a[1]))];
}

/** How far along a ring a place on it is, in corners: 2.5 is half-way from the third to the fourth. null where it is not on it. */
function along(at: Position, ring: readonly Position[]): number | null {
  const corner = ring.findIndex((each) => isSame(each, at));
  if (corner >= 0) return corner;
  for (let place = 0; place < ring.length; place++) {
    const near = foot(at, ring[place]!, ring[(place + 1) % ring.length]!);
    if (near.away <= ON_LINE) return place + near.share;
  }
  return null;
}

/** The neighbour's corners between two places on its line, the shorter way round; none where that is no shared line. */
function way(from: Position, to: Position, ring: readonly Position[]): Position[] {
  const [start, end] = [along(from, ring), along(to, ring)];
  if (start === null || end === null || isSame(from, to)) return [];
  const ahead = onward(start, end, ring);
  const back = onward(end, start, ring).reverse();
  const length = (line: Position[]) => [...line, to].reduce((sum, each, place) => sum + away(place ? line[place - 1]! : from, each), 0);
  const chosen = length(ahead) <= length(back) ? ahead : back;
  return length(chosen) <= LONGEST_WAY * away(from, to) ? chosen : [];
}

function onward(start: number, end: number, ring: readonly Position[]): Position[] {
  const stop = end <= start ? end + ring.length : end;
  const found: Position[] = [];
  for (let place = Math.floor(start) + 1; place < stop; place++) found.push(ring[place % ring.length]!);
  return found;
}

const shared = (at: Position): Corner => ({ at, how: "shared" });

/** Put *corner* on *snapped*, and its line along the neighbour's to the corners before and after it that lie there too. */
export function onto(corners: readonly Corner[], place: number, { at, neighbour }: Snapped): Corner[] {
  const count = corners.length;
  const made = corners.map((each, number) => (number === place ? shared(at) : each));
  if (count < 2) return made;
  const isOwn = (each: Position) => made.some((corner) => isSame(corner.at, each));
  const line = (from: Position, to: Position) => {
    const found = way(from, to, neighbour.ring);
    return found.some(isOwn) ? [] : found.map(shared);
  };
  const before = count > 2 || place > 0 ? line(made[(place + count - 1) % count]!.at, at) : [];
  const after = count > 2 && place < count - 1 ? line(at, made[place + 1]!.at) : count > 3 ? line(at, made[0]!.at) : [];
  return [...made.slice(0, place), ...before, made[place]!, ...after.filter((each) => !before.some((one) => isSame(one.at, each.at))), ...made.slice(place + 1)];
}

/** Corners beside a neighbour's line, within *within* metres: each run of them becomes that line. */
export function sharing(corners: readonly Corner[], neighbour: Neighbour, within: number): Corner[] {
  const near = corners.map((each) => snap(each.at, [neighbour], within));
  if (near.every(Boolean) || !near.some(Boolean)) return [...corners];
  // From a corner that is not near, so that no run is cut in two by where the ring begins.
  const begin = near.findIndex((each, place) => !each && near[(place + 1) % near.length]);
  const made: Corner[] = [];
  for (let step = 0; step < corners.length; ) {
    const place = (begin + step) % corners.length;
    if (!near[place]) {
      made.push(corners[place]!);
      step += 1;
      continue;
    }
    let run = 1;
    while (near[(place + run) % corners.length] && step + run < corners.length) run += 1;
    const [first, last] = [near[place]!.at, near[(place + run - 1) % corners.length]!.at];
    made.push(shared(first), ...way(first, last, neighbour.ring).map(shared));
    if (!isSame(first, last)) made.push(shared(last));
    step += run;
  }
  return made;
}

/** How many corners would go onto the neighbour's line: with one alone there is no line yet. */
export function nearLine(corners: readonly Corner[], neighbour: Neighbour, within: number): number {
  return corners.filter((each) => {
    const found = snap(each.at, [neighbour], within);
    return found && !isSame(found.at, each.at) && away(found.at, each.at) > ON_LINE;
  }).length;
}
