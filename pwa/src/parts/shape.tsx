// A plot's shape, drawn small: no map, no network, no code beyond this.
import type { Json } from "../store/types";

export function ShapePicture({ geometry, label }: { geometry: Json | undefined; label: string }) {
  const shape = geometry as { type?: string; coordinates?: number[][][] } | undefined;
  const ring = shape?.type === "Polygon" ? shape.coordinates?.[0] : undefined;
  if (!ring?.length) return null;
  const lon = ring.map((each) => each[0]!);
  const lat = ring.map((each) => each[1]!);
  const [west, east, south, north] = [Math.min(...lon), Math.max(...lon), Math.min(...lat), Math.max(...lat)];
  // A degree of longitude is shorter than one of latitude.
  const scale = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const span = Math.max((east - west) * scale, north - south) || 1e-6;
  const points = ring.map((each) => [((each[0]! - west) * scale * 100) / span, ((north - each[1]!) * 100) / span]);
  const width = ((east - west) * scale * 100) / span;
  const height = ((north - south) * 100) / span;
  return (
    <svg class="shape" viewBox={`-6 -6 ${width + 12} ${height + 12}`} role="img" aria-label={label}>
      <polygon points={points.map((each) => each.map((n) => n.toFixed(1)).join(",")).join(" ")} />
    </svg>
  );
}
