// A vector map, drawn in paper and ink: land, water, ways, contour lines and names of the schemas in use (Protomaps, OpenMapTiles,
// and the demonstration's), and whatever else a pack has as plain lines. Loaded only where such a map is on the phone.
import L from "leaflet";
import type { PMTiles } from "pmtiles";
import { CenteredTextSymbolizer, leafletLayer, LineLabelSymbolizer, LineSymbolizer, PolygonSymbolizer, type Feature, type LabelRule, type PaintRule } from "protomaps-leaflet";
import { colour } from "./plots";

const AREA = 3;
const LINE = 2;
const is = (type: number) => (_zoom: number, feature: Feature) => (feature.geomType as number) === type;

// What a layer is called, and how it is drawn: a colour of the page's style, how much of it, how wide.
const AREAS: Record<string, [string, number]> = {
  landcover: ["--do", 0.1],
  landuse: ["--do", 0.07],
  natural: ["--do", 0.1],
  park: ["--do", 0.1],
  water: ["--there", 0.25],
  building: ["--quiet", 0.3],
  buildings: ["--quiet", 0.3],
};
const LINES: Record<string, [string, number]> = {
  water: ["--there", 1.3],
  waterway: ["--there", 1.3],
  physical_line: ["--there", 1.3],
  contours: ["--soil", 0.6],
  contour: ["--soil", 0.6],
  boundaries: ["--quiet", 1],
  boundary: ["--quiet", 1],
  roads: ["--quiet", 1.6],
  transportation: ["--quiet", 1.6],
};
const NOT_DRAWN = ["earth", "background", "pois", "poi", "housenumber", "places", "place", "transportation_name", "water_name"];
const NAMED = ["places", "place", "mountain_peak"];

/** A layer that draws *pack*, whose tiles end at *deepest*. *layers*: the names that the pack says it has. */
export function vectorLayer(pack: PMTiles, deepest: number, layers: string[], bounds: L.LatLngBoundsExpression): L.Layer {
  // The library looks for Leaflet where pages used to have it.
  (globalThis as { L?: unknown }).L = L;
  const made = leafletLayer({
    // It was made for the version before, whose tiles are read in the same way.
    url: pack as never,
    maxDataZoom: deepest,
    bounds,
    attribution: "",
    paintRules: paint(layers),
    labelRules: labels(),
    devicePixelRatio: Math.min(2, devicePixelRatio || 1),
  });
  return made as unknown as L.Layer;
}

function paint(layers: string[]): PaintRule[] {
  const areas = Object.entries(AREAS).map(([dataLayer, [name, opacity]]) => ({
    dataLayer,
    symbolizer: new PolygonSymbolizer({ fill: colour(name), opacity }),
    filter: is(AREA),
  }));
  const lines = Object.entries(LINES).map(([dataLayer, [name, width]]) => ({
    dataLayer,
    symbolizer: new LineSymbolizer({ color: colour(name), width: (_zoom, feature) => (isThick(feature) ? 2 * width : width) }),
    filter: is(LINE),
  }));
  const others = layers.filter((each) => !(each in AREAS) && !(each in LINES) && !NOT_DRAWN.includes(each) && !NAMED.includes(each));
  const plain = others.map((dataLayer) => ({ dataLayer, symbolizer: new LineSymbolizer({ color: colour("--quiet"), width: 1 }) }));
  return [...areas, ...plain, ...lines];
}

function labels(): LabelRule[] {
  const text = { fill: colour("--ink"), stroke: colour("--ground"), width: 3 };
  return [
    ...NAMED.map((dataLayer) => ({
      dataLayer,
      symbolizer: new CenteredTextSymbolizer({ ...text, labelProps: ["name:vi", "name"], font: "600 13px system-ui, sans-serif" }),
    })),
    ...["roads", "transportation_name", "waterway"].map((dataLayer) => ({
      dataLayer,
      minzoom: 15,
      symbolizer: new LineLabelSymbolizer({ ...text, labelProps: ["name:vi", "name"], font: "12px system-ui, sans-serif" }),
    })),
    ...["contours", "contour"].map((dataLayer) => ({
      dataLayer,
      minzoom: 14,
      filter: (_zoom: number, feature: Feature) => isThick(feature),
      symbolizer: new LineLabelSymbolizer({ ...text, fill: colour("--soil"), labelProps: ["height", "ele"], font: "11px system-ui, sans-serif" }),
    })),
  ];
}

/** Every fifth contour line, however the pack says so. */
function isThick(feature?: Feature): boolean {
  const said = feature?.props;
  return !!said && (said["thick"] === 1 || said["nth_line"] === 5 || said["nth_line"] === 10);
}
