// The map, loaded only where one is shown. No tiles: paper ground, shapes, a scale, the own position.
import L from "leaflet";
import type { Position } from "./geometry";

export interface Shape {
  name: string;
  geometry: GeoJSON.Geometry;
}

export interface BoundaryMap {
  setCorners(corners: Position[], crossing: boolean): void;
  /** Where the walk was not seen, from where to where. */
  setGaps(gaps: [Position, Position][]): void;
  setPosition(position: Position, accuracy: number): void;
  lookAt(position: Position): void;
  fit(): void;
  destroy(): void;
}

export interface BoundaryOptions {
  neighbours: Shape[];
  center: Position;
  onTap(position: Position): void;
  onMove(corner: number, position: Position): void;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const latLng = ([lon, lat]: Position): L.LatLngTuple => [lat, lon];
const position = (at: L.LatLng): Position => [at.wrap().lng, at.lat];

export function mountBoundary(element: HTMLElement, options: BoundaryOptions): BoundaryMap {
  const map = plain(element).setView(latLng(options.center), 17);
  for (const each of options.neighbours) drawNeighbour(each).addTo(map);
  const ring = L.polygon([], { color: colour("--do"), weight: 3, fillOpacity: 0.15 }).addTo(map);
  const corners = L.layerGroup().addTo(map);
  const unseen = L.layerGroup().addTo(map);
  const here = L.layerGroup().addTo(map);
  map.on("click", (event) => options.onTap(position(event.latlng)));

  return {
    setCorners(points, crossing) {
      ring.setLatLngs(points.map(latLng)).setStyle({ color: colour(crossing ? "--needs" : "--do") });
      corners.clearLayers();
      points.forEach((point, place) => corners.addLayer(cornerAt(point, place, options)));
    },
    setGaps(gaps) {
      unseen.clearLayers();
      const style = { color: colour("--needs"), weight: 5, dashArray: "2 10", className: "gap" };
      for (const gap of gaps) unseen.addLayer(L.polyline(gap.map(latLng), style));
    },
    setPosition(point, accuracy) {
      here.clearLayers();
      here.addLayer(L.circle(latLng(point), { radius: accuracy, color: colour("--there"), weight: 1 }));
      here.addLayer(L.circleMarker(latLng(point), { radius: 6, color: colour("--there"), fillOpacity: 1 }));
    },
    lookAt: (point) => void map.setView(latLng(point), Math.max(map.getZoom(), 17)),
    fit: () => void (ring.getLatLngs().flat(2).length && map.fitBounds(ring.getBounds().pad(0.3))),
    destroy: () => void map.remove(),
  };
}

function plain(element: HTMLElement): L.Map {
  const map = L.map(element, { attributionControl: false, zoomControl: true, maxZoom: 21, tapTolerance: 20 });
  L.control.scale({ imperial: false }).addTo(map);
  return map;
}

function drawNeighbour(shape: Shape): L.Layer {
  const style = { color: colour("--soil"), weight: 2, fillOpacity: 0.05, dashArray: "4 4" };
  return L.geoJSON(shape.geometry, {
    style,
    interactive: false,
    pointToLayer: (_feature, at) => L.circleMarker(at, { ...style, radius: 5 }),
  }).bindTooltip(shape.name, { permanent: true, direction: "center", className: "plot-name" });
}

function cornerAt(point: Position, place: number, options: BoundaryOptions): L.Marker {
  const icon = L.divIcon({ className: "corner", iconSize: [24, 24] });
  const marker = L.marker(latLng(point), { icon, draggable: true, keyboard: false });
  marker.on("dragend", () => options.onMove(place, position(marker.getLatLng())));
  return marker;
}
