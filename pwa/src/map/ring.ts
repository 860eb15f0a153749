// Shapes on the small plane round a plot: enough for lines, crossings and distances of some hundred metres, and light enough
// for the app's shell. Areas that are said or saved are geodesic, and are made in `geometry.ts`.

/** Longitude, latitude: WGS 84. */
export type Position = [number, number];

const DEGREE = 111_320; // metres of a degree of longitude at the equator
const DEGREE_NORTH = 110_700; // metres of a degree of latitude at 21° north

/** A ring without its last position, where that one only closes it. */
export function open(ring: readonly Position[]): Position[] {
  const [first, last] = [ring[0], ring[ring.length - 1]];
  const isClosed = ring.length > 1 && first![0] === last![0] && first![1] === last![1];
  return (isClosed ? ring.slice(0, -1) : ring) as Position[];
}

/** Six decimals are 0.1 m: more would be bytes that no phone can know. */
export function rounded([lon, lat]: Position): Position {
  return [Math.round(lon * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6];
}

export const isSame = (one: Position, other: Position) => one[0] === other[0] && one[1] === other[1];

/** Metres east and north of *from*, on the plane. */
export function flat(from: Position, [lon, lat]: Position): [number, number] {
  return [(lon - from[0]) * Math.cos((from[1] * Math.PI) / 180) * DEGREE, (lat - from[1]) * DEGREE_NORTH];
}

/** Metres between two positions: to half a percent, within some kilometres. */
export function away(one: Position, other: Position): number {
  return Math.hypot(...flat(one, other));
}

/** Where on the edge from *a* to *b* is nearest to *at*: its share of the way, and the metres to there. */
export function foot(at: Position, a: Position, b: Position): { share: number; away: number } {
  const [px, py] = flat(a, at);
  const [qx, qy] = flat(a, b);
  const length = qx * qx + qy * qy;
  const share = length ? Math.max(0, Math.min(1, (px * qx + py * qy) / length)) : 0;
  return { share, away: Math.hypot(px - share * qx, py - share * qy) };
}

/** Area in ha on the plane, to half a percent: the twin of `roughly_ha` in sync/geometry.py. What is said is `areaHa`. */
export function roughlyHa(ring: readonly Position[]): number {
  const points = ring.map((each) => flat(ring[0]!, each));
  const doubled = points.reduce((sum, [x, y], place) => {
    const [nextX, nextY] = points[(place + 1) % points.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(doubled) / 20_000;
}

/** The pairs of edges (by their first corner) where a ring crosses itself. The twin of `crosses_itself` in sync/geometry.py. */
export function crossings(corners: readonly Position[]): [number, number][] {
  const found: [number, number][] = [];
  const count = corners.length;
  for (let i = 0; i < count; i++)
    for (let j = i + 2; j < count; j++) {
      if (i === 0 && j === count - 1) continue;
      if (cross(corners[i]!, corners[i + 1]!, corners[j]!, corners[(j + 1) % count]!)) found.push([i, j]);
    }
  return found;
}

/** Where that is. */
export function crossingPlaces(corners: readonly Position[]): Position[] {
  return crossings(corners).map(([i, j]) => {
    const [a, b, c, d] = [corners[i]!, corners[i + 1]!, corners[j]!, corners[(j + 1) % corners.length]!];
    const [bx, by] = [b[0] - a[0], b[1] - a[1]];
    const [dx, dy] = [d[0] - c[0], d[1] - c[1]];
    const share = ((c[0] - a[0]) * dy - (c[1] - a[1]) * dx) / (bx * dy - by * dx);
    return [a[0] + share * bx, a[1] + share * by];
  });
}

function cross(a: Position, b: Position, c: Position, d: Position): boolean {
  const side = (p: Position, q: Position, r: Position) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Whether *at* is inside a ring. */
export function isInside([x, y]: Position, ring: readonly Position[]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!;
    const [xj, yj] = ring[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

export type Box = [west: number, south: number, east: number, north: number];

export function boxOf(positions: readonly Position[]): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of positions) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** Whether two boxes come within *metres* of each other. */
export function meet(one: Box, other: Box, metres = 0): boolean {
  const north = metres / DEGREE_NORTH;
  const east = metres / (Math.cos((one[1] * Math.PI) / 180) * DEGREE);
  return one[0] - east <= other[2] && one[2] + east >= other[0] && one[1] - north <= other[3] && one[3] + north >= other[1];
}
