// Areas and distances that are said and saved: geodesic on WGS 84, by Karney's method (GeographicLib). Must never be needed for
// what stands at home: this and the library are a piece that comes late.
import geodesic from "geographiclib-geodesic";
import type { Json } from "../store/types";
import { open, type Position } from "./ring";

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
