// How much of a plot lies on a neighbour's.
import clipping, { type Polygon } from "polygon-clipping";
import { areaHa } from "./geometry";
import { boxOf, flat, meet, type Position } from "./ring";
import type { Neighbour } from "./snap";

const SLIVER_M2 = 5; // less than this is what GPS and rounding leave between two plots that share a line

export interface Overlap {
  neighbour: Neighbour;
  m2: number;
  /** The rings of the land that both have. */
  rings: Position[][];
}

/** The neighbours that *ring* lies on, the largest overlap first. A ring that crosses itself counts where it is odd. */
export function overlaps(ring: readonly Position[], neighbours: readonly Neighbour[]): Overlap[] {
  if (ring.length < 3) return [];
  const box = boxOf(ring);
  return neighbours
    .filter((each) => each.ring.length > 2 && meet(box, boxOf(each.ring)))
    .flatMap((neighbour) => overlap(ring, neighbour) ?? [])
    .sort((one, other) => other.m2 - one.m2);
}

function overlap(ring: readonly Position[], neighbour: Neighbour): Overlap | null {
  // In metres from one corner: far from 0/0 the differences between two corners are what is left of a number's last digits.
  const from = ring[0]!;
  const plane = (each: readonly Position[]): Polygon => [each.map((at) => flat(from, at))];
  try {
    const both = clipping.intersection(plane(ring), plane(neighbour.ring));
    const back = ([east, north]: Position): Position => [from[0] + east / flat(from, [from[0] + 1, from[1]])[0], from[1] + north / flat(from, [from[0], from[1] + 1])[1]];
    const rings = both.map(([outer]) => outer!.map(back));
    const holes = both.flatMap(([, ...inner]) => inner.map((each) => each.map(back)));
    const m2 = (rings.reduce((sum, each) => sum + areaHa(each), 0) - holes.reduce((sum, each) => sum + areaHa(each), 0)) * 10_000;
    return m2 < SLIVER_M2 ? null : { neighbour, m2, rings };
  } catch {
    // A ring out of which no sum can be made: the manager's check looks at it again.
    return null;
  }
}
