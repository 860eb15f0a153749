// Sums over shapes. Area is geodesic on WGS 84, by Karney's method (GeographicLib).
import geodesic from "geographiclib-geodesic";
import type { Json } from "../store/types";

export type Position = [number, number];
export interface Fix {
  at: string;
  point: { type: "Point"; coordinates: Position };
  accuracy_m: number;
}

const EARTH = geodesic.Geodesic.WGS84;

/** Area in ha of a ring of [longitude, latitude], closed or not; its direction does not matter. */
export function areaHa(ring: readonly Position[]): number {
  const polygon = EARTH.Polygon(false);
  for (const [lon, lat] of open(ring)) polygon.AddPoint(lat, lon);
  return Math.abs(polygon.Compute(false, true).area ?? 0) / 10_000;
}

/** Area in ha of a GeoJSON geometry, holes taken off; null for a point or none. */
export function areaOf(geometry: Json | undefined): number | null {
  const shape = geometry as { type?: string; coordinates?: Position[][] } | null | undefined;
  if (shape?.type !== "Polygon" || !shape.coordinates?.length) return null;
  return shape.coordinates.reduce((sum, ring, place) => sum + (place ? -1 : 1) * areaHa(ring), 0);
}

/** Metres between two positions. */
export function metres(one: Position, other: Position): number {
  return EARTH.Inverse(one[1], one[0], other[1], other[0]).s12 ?? 0;
}

/** Fixes that are less sure than this (metres) are kept in the track, and are no step of the walk. */
export const UNSURE = 30;
const GAP_MS = 30_000;
const GAP_M = 40; // nobody walks that far between two fixes
const STEP_M = 10; // who only stood there has missed no corner

/** Where a walk was not seen: the fixes before and after each gap. */
export function gaps(track: readonly Fix[]): [Fix, Fix][] {
  const believed = track.filter((each) => each.accuracy_m <= UNSURE);
  return believed.slice(1).flatMap((after, place): [Fix, Fix][] => {
    const before = believed[place]!;
    const far = metres(before.point.coordinates, after.point.coordinates);
    const long = Date.parse(after.at) - Date.parse(before.at) > GAP_MS;
    return far > GAP_M || (long && far > STEP_M) ? [[before, after]] : [];
  });
}

export function open(ring: readonly Position[]): Position[] {
  const [first, last] = [ring[0], ring[ring.length - 1]];
  const isClosed = ring.length > 1 && first![0] === last![0] && first![1] === last![1];
  return (isClosed ? ring.slice(0, -1) : ring) as Position[];
}

/** The pairs of edges (by their first corner) where a ring crosses itself. */
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

function cross(a: Position, b: Position, c: Position, d: Position): boolean {
  const side = (p: Position, q: Position, r: Position) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/**
 * The corners of a walk: Douglas-Peucker on a local plane, never finer than the fixes were sure of (metres).
 * At least three corners stay where there are three fixes.
 */
export function thin(walk: readonly Position[], within: number): Position[] {
  if (walk.length < 4) return [...walk];
  for (let tolerance = within; tolerance > 0.5; tolerance /= 2) {
    const kept = simplify(walk, tolerance);
    if (kept.length >= 4) return kept;
  }
  return [...walk];
}

function simplify(points: readonly Position[], tolerance: number): Position[] {
  const [first, last] = [points[0]!, points[points.length - 1]!];
  let farthest = 0;
  let distance = 0;
  for (let place = 1; place < points.length - 1; place++) {
    const away = distanceTo(points[place]!, first, last);
    if (away > distance) [farthest, distance] = [place, away];
  }
  if (distance <= tolerance) return [first, last];
  return [...simplify(points.slice(0, farthest + 1), tolerance).slice(0, -1), ...simplify(points.slice(farthest), tolerance)];
}

function distanceTo(point: Position, from: Position, to: Position): number {
  const scale = Math.cos((from[1] * Math.PI) / 180);
  const flat = ([lon, lat]: Position) => [(lon - from[0]) * scale * 111_320, (lat - from[1]) * 110_574] as const;
  const [px, py] = flat(point);
  const [qx, qy] = flat(to);
  const length = qx * qx + qy * qy;
  const along = length ? Math.max(0, Math.min(1, (px * qx + py * qy) / length)) : 0;
  return Math.hypot(px - along * qx, py - along * qy);
}

/** Six decimals are 0.1 m: more would be bytes that no phone can know. */
export function rounded([lon, lat]: Position): Position {
  return [Math.round(lon * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6];
}
