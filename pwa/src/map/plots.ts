// Thousands of plots on a map without a stutter: drawn on the map's tiles, each only where it is seen, and drawn once. Panning
// moves what is drawn; only the tiles that come into sight are new.
import L from "leaflet";
import { boxOf, isInside, meet, open, type Box, type Position } from "./ring";

/** A plot as it is drawn. `colour`: a custom property of the page's style, or a colour. */
export interface Drawn {
  id: string;
  name: string;
  geometry: GeoJSON.Geometry;
  colour: string;
  /** Drawn with broken lines and hardly filled: not the one that it is about. */
  quiet?: boolean;
  /** Somebody must see to it: over all others, and larger where it is no more than a dot. */
  urgent?: boolean;
}

interface Ready extends Drawn {
  box: Box;
  /** On the square world of Web Mercator, from 0 to 1: x, y, x, y … of each ring; of a point its one place. */
  rings: Float64Array[];
  isPoint: boolean;
}

const TILE = 256;
const NAMES_FROM = 16; // the zoom from which names are readable
const NAME_ROOM = 90; // px that a name may reach beyond its plot
const POINT = 6; // px
const THUMB = 24; // px that a thumb may miss a point by
const SMALL = 6; // px: a plot that is smaller is a dot of this size, since a speck is not seen
const URGENT = 10; // px

export class PlotLayer extends L.GridLayer {
  private plots: Ready[] = [];
  private colours = new Map<string, string>();

  constructor(options: L.GridLayerOptions = {}) {
    // Over the maps beneath, under the position and what is drawn.
    super({ updateWhenIdle: false, keepBuffer: 1, zIndex: 5, maxZoom: 21, ...options });
  }

  show(plots: readonly Drawn[]): this {
    this.plots = plots.flatMap((each) => ready(each) ?? []).sort((one, other) => Number(!!one.urgent) - Number(!!other.urgent));
    this.colours.clear();
    if (this._map) this.redraw();
    return this;
  }

  /** The plot at a place, the smallest where there are several; null where there is none within a thumb's reach. */
  at(place: Position, zoom: number): Drawn | null {
    const reach = THUMB / (TILE * 2 ** zoom);
    const [x, y] = onWorld(place);
    const hit = this.plots.filter((each) =>
      each.isPoint || widest(each.rings[0]!) * TILE * 2 ** zoom < SMALL
        ? Math.hypot(each.rings[0]![0]! - x, each.rings[0]![1]! - y) <= reach
        : isInside(place, ringOf(each.geometry)),
    );
    return hit.sort((one, other) => sizeOf(one.box) - sizeOf(other.box))[0] ?? null;
  }

  /** The plots that are at least partly within *box*, at most *most* of them. */
  within(box: Box, most = Infinity): Drawn[] {
    const found: Drawn[] = [];
    for (const each of this.plots) if (found.length < most && meet(each.box, box)) found.push(each);
    return found;
  }

  boxOfAll(): Box | null {
    if (!this.plots.length) return null;
    return boxOf(this.plots.flatMap(({ box }): Position[] => [[box[0], box[1]], [box[2], box[3]]]));
  }

  override createTile(coords: L.Coords): HTMLElement {
    const tile = document.createElement("canvas");
    const sharp = Math.min(2, devicePixelRatio || 1);
    tile.width = tile.height = TILE * sharp;
    const pen = tile.getContext("2d");
    if (!pen) return tile;
    pen.scale(sharp, sharp);
    pen.lineJoin = "round";
    const scale = TILE * 2 ** coords.z;
    const [left, top] = [coords.x * TILE, coords.y * TILE];
    const near = this.plots.filter(({ rings }) => touches(rings[0]!, left / scale, top / scale, (TILE + 2 * NAME_ROOM) / scale, NAME_ROOM / scale));
    for (const each of near) this.draw(pen, each, scale, left, top);
    if (coords.z >= NAMES_FROM) for (const each of near) this.name(pen, each, scale, left, top);
    return tile;
  }

  private draw(pen: CanvasRenderingContext2D, plot: Ready, scale: number, left: number, top: number): void {
    const colour = this.colour(plot.colour);
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = plot.quiet ? 1.5 : 2;
    pen.setLineDash(plot.quiet ? [4, 4] : []);
    const [first] = plot.rings as [Float64Array];
    pen.beginPath();
    if (plot.isPoint) {
      pen.arc(first[0]! * scale - left, first[1]! * scale - top, POINT, 0, 2 * Math.PI);
    } else if (Math.abs(first[2]! - first[0]!) * scale < SMALL && widest(first) * scale < SMALL) {
      pen.arc(first[0]! * scale - left, first[1]! * scale - top, (plot.urgent ? URGENT : SMALL) / 2, 0, 2 * Math.PI);
      return pen.fill();
    } else {
      for (const ring of plot.rings) {
        for (let at = 0; at < ring.length; at += 2) pen.lineTo(ring[at]! * scale - left, ring[at + 1]! * scale - top);
        pen.closePath();
      }
    }
    pen.globalAlpha = plot.isPoint ? 0.7 : plot.quiet ? 0.06 : 0.22;
    pen.fill("evenodd");
    pen.globalAlpha = 1;
    pen.stroke();
  }

  private name(pen: CanvasRenderingContext2D, plot: Ready, scale: number, left: number, top: number): void {
    const [x, y] = middle(plot.rings[0]!);
    pen.font = "600 12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.setLineDash([]);
    pen.lineWidth = 3;
    pen.strokeStyle = this.colour("--ground");
    pen.fillStyle = this.colour("--ink");
    const below = plot.isPoint ? 16 : 0;
    pen.strokeText(plot.name, x * scale - left, y * scale - top + below, 2 * NAME_ROOM);
    pen.fillText(plot.name, x * scale - left, y * scale - top + below, 2 * NAME_ROOM);
  }

  private colour(name: string): string {
    if (!name.startsWith("--")) return name;
    let found = this.colours.get(name);
    if (!found) this.colours.set(name, (found = colour(name)));
    return found;
  }
}

export const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function ready(plot: Drawn): Ready | null {
  const { geometry } = plot;
  if (geometry.type !== "Point" && geometry.type !== "Polygon") return null;
  const isPoint = geometry.type === "Point";
  const rings = isPoint ? [[geometry.coordinates as Position]] : (geometry.coordinates as Position[][]).map(open);
  if (!rings[0]?.length) return null;
  return { ...plot, isPoint, box: boxOf(rings[0]), rings: rings.map((ring) => Float64Array.from(ring.flatMap(onWorld))) };
}

const ringOf = (geometry: GeoJSON.Geometry) => (geometry.type === "Polygon" ? ((geometry.coordinates[0] ?? []) as Position[]) : []);
const sizeOf = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);

/** Web Mercator, the world from 0 to 1. */
function onWorld([lon, lat]: Position): [number, number] {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

function touches(ring: Float64Array, left: number, top: number, size: number, room: number): boolean {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < ring.length; at += 2) {
    west = Math.min(west, ring[at]!);
    east = Math.max(east, ring[at]!);
    north = Math.min(north, ring[at + 1]!);
    south = Math.max(south, ring[at + 1]!);
  }
  return east >= left - room && west <= left - room + size && south >= top - room && north <= top - room + size;
}

function widest(ring: Float64Array): number {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < ring.length; at += 2) {
    west = Math.min(west, ring[at]!);
    east = Math.max(east, ring[at]!);
    north = Math.min(north, ring[at + 1]!);
    south = Math.max(south, ring[at + 1]!);
  }
  return Math.max(east - west, south - north);
}

function middle(ring: Float64Array): [number, number] {
  let [x, y] = [0, 0];
  for (let at = 0; at < ring.length; at += 2) {
    x += ring[at]!;
    y += ring[at + 1]!;
  }
  return [(2 * x) / ring.length, (2 * y) / ring.length];
}
