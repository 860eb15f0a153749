// A boundary on the map while it is drawn: its line, a handle of a thumb's size for each corner and between two, what was not seen
// of a walk, where the line crosses itself, and the land that a neighbour has too.
import L from "leaflet";
import type { Pack } from "./packs";
import { colour, PlotLayer, type Drawn } from "./plots";
import type { Position } from "./ring";
import { latLng, open, position } from "./view";

const HANDLE = 48; // px
const NEAR = 24; // px within which a tap means a neighbour's line
const FARTHEST = 12; // metres that a corner may be moved onto it by, however far out the map is
const ROOM_FOR_MORE = 100; // px of an edge, for a handle between its ends
const MOST_HANDLES = 150;
const ONE_STEP = 0.000005; // degrees that an arrow key moves a corner by: half a metre

export interface Sketch {
  corners: readonly Position[];
  chosen: number | null;
  /** Without handles: while it is walked. */
  walking: boolean;
  gaps: readonly [Position, Position][];
  crossings: readonly Position[];
  overlaps: readonly (readonly Position[])[];
}

export interface PenOptions {
  neighbours: Drawn[];
  center: Position;
  packs: readonly Pack[];
  /** *reach*: metres within which a neighbour's line is meant. */
  onTap(position: Position, reach: number): void;
  onChoose(corner: number): void;
  onMove(corner: number, position: Position, reach: number): void;
  onAdd(after: number, position: Position, reach: number): void;
  say(corner: number): string;
  sayBetween(corner: number): string;
}

export interface Pen {
  draw(sketch: Sketch): void;
  setPosition(position: Position, accuracy: number): void;
  lookAt(position: Position): void;
  fit(): void;
  destroy(): void;
}

export function mountPen(element: HTMLElement, options: PenOptions): Pen {
  const view = open(element, options.center, options.packs);
  const { map } = view;
  new PlotLayer().show(options.neighbours).addTo(map);
  const marks = L.layerGroup().addTo(map);
  const ring = L.polygon([], { weight: 3, fillOpacity: 0.15, interactive: false }).addTo(map);
  const handles = L.layerGroup().addTo(map);
  let sketch: Sketch | null = null;

  const reach = () => {
    const middle = map.getSize().divideBy(2);
    const px = map.distance(map.containerPointToLatLng(middle), map.containerPointToLatLng(middle.add([NEAR, 0])));
    return Math.min(FARTHEST, px);
  };
  map.on("click", (event) => options.onTap(position(event.latlng), reach()));

  const draw = () => {
    if (!sketch) return;
    ring.setLatLngs(sketch.corners.map(latLng)).setStyle({ color: colour(sketch.crossings.length ? "--needs" : "--do") });
    marks.clearLayers();
    const red = { color: colour("--needs"), interactive: false };
    for (const gap of sketch.gaps) marks.addLayer(L.polyline(gap.map(latLng), { ...red, weight: 5, dashArray: "2 10", className: "gap" }));
    for (const each of sketch.overlaps) marks.addLayer(L.polygon(each.map(latLng), { ...red, weight: 1, fillOpacity: 0.35, className: "overlap" }));
    for (const each of sketch.crossings) marks.addLayer(L.circleMarker(latLng(each), { ...red, radius: 12, weight: 4, fill: false, className: "crossing" }));
    handle();
  };
  const handle = () => {
    const focused = handles.getLayers().findIndex((each) => (each as L.Marker).getElement() === document.activeElement);
    handles.clearLayers();
    if (!sketch || sketch.walking) return;
    const inSight = map.getBounds().pad(0.2);
    const corners = sketch.corners.map((each, place) => ({ each, place })).filter(({ each }) => inSight.contains(latLng(each)));
    if (corners.length > MOST_HANDLES) return;
    for (const { each, place } of corners) handles.addLayer(cornerAt(each, place, place === sketch.chosen));
    for (const { place } of corners) between(sketch.corners, place);
    (handles.getLayers()[focused] as L.Marker | undefined)?.getElement()?.focus();
  };

  const cornerAt = (at: Position, place: number, isChosen: boolean) => {
    const icon = L.divIcon({ className: isChosen ? "corner chosen" : "corner", iconSize: [HANDLE, HANDLE] });
    const marker = L.marker(latLng(at), { icon, draggable: true, keyboard: true, title: options.say(place), alt: options.say(place) });
    marker.on("click", () => options.onChoose(place));
    marker.on("drag", () => {
      const moved = (sketch?.corners ?? []).map(latLng);
      moved[place] = latLng(position(marker.getLatLng()));
      ring.setLatLngs(moved);
    });
    marker.on("dragend", () => options.onMove(place, position(marker.getLatLng()), reach()));
    marker.on("add", () => {
      const element = marker.getElement();
      element?.setAttribute("aria-label", options.say(place));
      element?.addEventListener("keydown", (event) => {
        const step = ARROWS[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        options.onMove(place, [at[0] + step[0] * ONE_STEP, at[1] + step[1] * ONE_STEP], 0);
      });
    });
    return marker;
  };

  const between = (corners: readonly Position[], place: number) => {
    const next = corners[(place + 1) % corners.length];
    if (!next || corners.length < 2 || (corners.length === 2 && place === 1)) return;
    const [one, other] = [map.latLngToLayerPoint(latLng(corners[place]!)), map.latLngToLayerPoint(latLng(next))];
    if (one.distanceTo(other) < ROOM_FOR_MORE) return;
    const icon = L.divIcon({ className: "corner between", iconSize: [HANDLE, HANDLE] });
    const words = options.sayBetween(place);
    const marker = L.marker(map.layerPointToLatLng(one.add(other).divideBy(2)), { icon, draggable: true, keyboard: true, title: words, alt: words });
    const add = () => options.onAdd(place, position(marker.getLatLng()), reach());
    marker.on("click", () => options.onAdd(place, position(marker.getLatLng()), 0));
    marker.on("dragend", add);
    marker.on("add", () => marker.getElement()?.setAttribute("aria-label", words));
    handles.addLayer(marker);
  };

  map.on("zoomend moveend", handle);
  return {
    draw(next) {
      sketch = next;
      draw();
    },
    setPosition: view.setPosition,
    lookAt: view.lookAt,
    fit: () => void (ring.getLatLngs().flat(2).length && map.fitBounds(ring.getBounds().pad(0.3))),
    destroy: view.destroy,
  };
}

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
