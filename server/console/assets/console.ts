// The console's one script: the map beside the table. Everything else is a page from the server.
import L from "leaflet";

import { poll } from "./poll";

interface Plot {
  name: string;
  farmer: string;
  needs: boolean;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const element = document.getElementById("map");
if (element?.dataset["source"]) void draw(element);
poll();

async function draw(place: HTMLElement): Promise<void> {
  const response = await fetch(place.dataset["source"]!);
  if (!response.ok) return;
  const plots = (await response.json()) as GeoJSON.FeatureCollection<GeoJSON.Geometry, Plot>;
  const map = L.map(place, { attributionControl: false, preferCanvas: true, maxZoom: 20 });
  L.control.scale({ imperial: false }).addTo(map);
  const selected = place.dataset["selected"];
  const layer = L.geoJSON<Plot>(plots, {
    style: (feature) => styleOf(feature, feature?.id === selected),
    pointToLayer: (feature, at) => L.circleMarker(at, { ...styleOf(feature, feature.id === selected), radius: 6 }),
    onEachFeature: (feature, each) => {
      each.bindPopup(() => popup(feature, place.dataset["link"]!));
      each.on("click", () => select(String(feature.id)));
    },
  }).addTo(map);
  const dots = L.layerGroup(layer.getLayers().filter((each) => each instanceof L.Polygon).map(dotOf));
  // A field of half a hectare is nothing to see from far away: there a dot stands for it.
  const fromAfar = () => (map.getZoom() < 15 ? dots.addTo(map) : dots.remove());
  map.on("zoomend", fromAfar);
  const own = layer.getLayers().find((each) => (each as L.Layer & { feature?: GeoJSON.Feature }).feature?.id === selected);
  const bounds = own instanceof L.Polygon ? own.getBounds() : layer.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.15));
  else map.setView([21.3, 103.9], 9);
  for (const row of document.querySelectorAll<HTMLElement>("tr[data-plot]"))
    row.addEventListener("click", () => show(map, layer, row.dataset["plot"]!));
}

function dotOf(shape: L.Layer): L.Layer {
  const polygon = shape as L.Polygon & { feature?: GeoJSON.Feature<GeoJSON.Geometry, Plot> };
  const style = { ...styleOf(polygon.feature, false), radius: 4, fillOpacity: 0.7 };
  const dot = L.circleMarker(polygon.getBounds().getCenter(), style);
  return dot.on("click", () => polygon.fire("click").openPopup());
}

function styleOf(feature: GeoJSON.Feature<GeoJSON.Geometry, Plot> | undefined, selected: boolean): L.PathOptions {
  const stroke = feature?.properties.needs ? "--needs" : selected ? "--there" : "--do";
  return { color: colour(stroke), weight: selected ? 4 : 2, fillOpacity: 0.2 };
}

function popup(feature: GeoJSON.Feature<GeoJSON.Geometry, Plot>, link: string): HTMLElement {
  // Built node by node: a name is text, whatever it holds.
  const box = document.createElement("div");
  const name = Object.assign(document.createElement("a"), {
    href: link.replace("ID", String(feature.id)),
    textContent: feature.properties.name,
  });
  box.append(name, document.createElement("br"), feature.properties.farmer);
  return box;
}

function select(plot: string): void {
  document.querySelector("tr.selected")?.classList.remove("selected");
  const row = document.getElementById(`row-${plot}`);
  row?.classList.add("selected");
  row?.scrollIntoView({ block: "nearest" });
}

function show(map: L.Map, layer: L.GeoJSON, plot: string): void {
  select(plot);
  for (const each of layer.getLayers() as (L.Layer & { feature?: GeoJSON.Feature })[]) {
    if (each.feature?.id !== plot) continue;
    if (each instanceof L.Polygon) map.fitBounds(each.getBounds().pad(1));
    else if (each instanceof L.CircleMarker) map.setView(each.getLatLng(), 17);
    (each as L.Path).openPopup();
  }
}
