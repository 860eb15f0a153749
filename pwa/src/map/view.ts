// A map with what every one of ours has: a scale, the position with its circle of accuracy, what is kept under it.
import L from "leaflet";
import type { Pack } from "./packs";
import { layBases } from "./base";
import { colour } from "./plots";
import type { Position } from "./ring";

export interface View {
  map: L.Map;
  setPosition(position: Position, accuracy: number): void;
  lookAt(position: Position): void;
  destroy(): void;
}

const CLOSE = 17;
const DEEPEST = 21;

export const latLng = ([lon, lat]: Position): L.LatLngTuple => [lat, lon];
export const position = (at: L.LatLng): Position => [at.wrap().lng, at.lat];

export function open(element: HTMLElement, center: Position, packs: readonly Pack[]): View {
  const map = L.map(element, { attributionControl: false, zoomControl: true, maxZoom: DEEPEST, tapTolerance: 20, zoomAnimation: !still() });
  L.control.scale({ imperial: false, position: "topright" }).addTo(map);
  map.setView(latLng(center), CLOSE);
  void layBases(map, packs);
  const here = L.layerGroup().addTo(map);
  return {
    map,
    setPosition(point, accuracy) {
      here.clearLayers();
      // In ink, which is no plot's colour.
      const ink = colour("--ink");
      here.addLayer(L.circle(latLng(point), { color: ink, interactive: false, radius: accuracy, weight: 1, fillOpacity: 0.08 }));
      here.addLayer(L.circleMarker(latLng(point), { color: colour("--ground"), fillColor: ink, interactive: false, radius: 8, weight: 3, fillOpacity: 1 }));
    },
    lookAt: (point) => void map.setView(latLng(point), Math.max(map.getZoom(), CLOSE)),
    destroy: () => void map.remove(),
  };
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
