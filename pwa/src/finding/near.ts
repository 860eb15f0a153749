// Where somebody stands, as far as the phone last knew, and how far it is from there.
import { signal } from "@preact/signals";
import type { PersonDatabase } from "../store/database";
import type { Json } from "../store/types";

/** Longitude and latitude, degrees on WGS 84. */
export type Place = [number, number];

export interface Fix {
  place: Place;
  accuracy: number;
  at: number;
}

export const fix = signal<Fix | null>(null);
/** Why there is no newer fix: this phone may not say, or does not know. */
export const noFix = signal<"denied" | "unknown" | null>(null);

const KEPT = "lastFix";

/** Take the last fix from disk, and ask the phone for a newer one while this page stands; what ends the asking. */
export function follow(database: PersonDatabase): () => void {
  void database.get("meta", KEPT).then((kept) => (fix.value ??= (kept as Fix | undefined) ?? null));
  if (!navigator.geolocation) {
    noFix.value = "unknown";
    return () => undefined;
  }
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      noFix.value = null;
      const found: Fix = { place: [coords.longitude, coords.latitude], accuracy: coords.accuracy, at: timestamp };
      // Whoever stands still is not told anew each second.
      if (fix.value && distance(fix.value.place, found.place) < STEP && found.at - fix.value.at < MINUTE) return;
      fix.value = found;
      void database.put("meta", found, KEPT).catch(() => undefined);
    },
    (error) => (noFix.value = error.code === error.PERMISSION_DENIED ? "denied" : "unknown"),
    { enableHighAccuracy: true, maximumAge: MINUTE },
  );
  return () => navigator.geolocation.clearWatch(watch);
}

const STEP = 20;
const MINUTE = 60_000;
const EARTH = 6_371_000;

/** Metres between two places, good to some per mille within a province. */
export function distance([x, y]: Place, [u, v]: Place): number {
  const radians = Math.PI / 180;
  const across = (u - x) * radians * Math.cos(((y + v) / 2) * radians);
  return EARTH * Math.hypot(across, (v - y) * radians);
}

/** The middle of a boundary's corners, or its point; null where there is none. */
export function middle(boundary: Json | undefined): Place | null {
  const { type, coordinates } = (boundary ?? {}) as { type?: string; coordinates?: unknown };
  if (type === "Point" && Array.isArray(coordinates)) return [Number(coordinates[0]), Number(coordinates[1])];
  const ring = type === "Polygon" ? ((coordinates as Place[][] | undefined)?.[0] ?? []).slice(0, -1) : [];
  if (!ring.length) return null;
  const sum = ring.reduce(([x, y], corner) => [x + corner[0], y + corner[1]] as Place, [0, 0] as Place);
  return [sum[0] / ring.length, sum[1] / ring.length];
}
