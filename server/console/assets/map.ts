// The map: tiles that the server has made, drawn on canvases, so that 20,000 fields move as smoothly as twenty.
import L from "leaflet";

type State = "waits" | "approved" | "disease" | "needs";
type Ring = [number, number][];
type Shape = [id: string, name: string, farmer: string, state: State, rings: Ring[]];
type Dot = [longitude: number, latitude: number, count: number, state: State, id?: string, name?: string, farmer?: string];
interface Drawn { shapes: Shape[]; dots: Dot[] }
interface Found { id?: string; name: string; farmer: string; at: L.LatLng }

const SIDE = 256;
const REACH = 12; // how far beside a dot a finger may land, in pixels
const COLOURS: Record<State, string> = { waits: "--waits", approved: "--do", disease: "--soil", needs: "--needs" };
const AT_ONCE_MS = 8; // of a frame, for painting tiles: a finger that drags the map wants the rest
const MEANT = ["--there", "--soil", "--do"]; // the boundaries of a conflict, in the order of its values

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function draw(place: HTMLElement): void {
  const map = L.map(place, { attributionControl: false, maxZoom: 20, zoomSnap: 0.5 });
  L.control.scale({ imperial: false }).addTo(map);
  const box = boxOf(place.dataset["box"]);
  if (box) map.fitBounds(box.pad(0.15), { maxZoom: 17 });
  else map.setView([21.3, 103.9], 9);
  const tiles = new Tiles(place.dataset["tiles"]!, place.dataset["query"] ?? "");
  tiles.addTo(map);
  const mark = new Mark(map, place.dataset["link"]!);
  map.on("click", (event) => {
    const found = tiles.at(map, event.latlng);
    if (!found) return;
    if (!found.id) return void map.setView(found.at, Math.min(map.getZoom() + 3, 16));
    choose(found.id);
    void mark.show(found.id, found);
  });
  for (const row of document.querySelectorAll<HTMLElement>("tr[data-plot]"))
    row.addEventListener("click", (event) => {
      if ((event.target as HTMLElement).closest("a, input, label")) return;
      choose(row.dataset["plot"]!);
      const there = boxOf(row.dataset["box"]);
      if (there) map.fitBounds(there.pad(1), { maxZoom: 17 });
      void mark.show(row.dataset["plot"]!);
    });
  if (place.dataset["selected"]) void mark.show(place.dataset["selected"]);
}

/** The boundaries of a conflict, each in a colour of its own. */
export function drawShapes(place: HTMLElement): void {
  const map = L.map(place, { attributionControl: false, maxZoom: 20 });
  const shapes = JSON.parse(place.dataset["shapes"]!) as GeoJSON.FeatureCollection<GeoJSON.Geometry, { place: number }>;
  const style = (feature?: GeoJSON.Feature<GeoJSON.Geometry, { place: number }>): L.PathOptions => {
    const place = feature?.properties.place ?? 0;
    return { color: colour(MEANT[place % MEANT.length]!), weight: 3, dashArray: place ? "8 6" : "", fillOpacity: 0.1 };
  };
  const layer = L.geoJSON(shapes, { style, pointToLayer: (feature, at) => L.circleMarker(at, style(feature)) }).addTo(map);
  if (layer.getBounds().isValid()) map.fitBounds(layer.getBounds().pad(0.2));
}

class Tiles extends L.GridLayer {
  private readonly drawn = new Map<string, Drawn>();

  constructor(private readonly address: string, private readonly query: string) {
    super({ tileSize: SIDE, updateWhenZooming: false, keepBuffer: 1 });
    this.on("tileunload", (event) => this.drawn.delete(keyOf(event.coords as L.Coords)));
  }

  override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const ratio = window.devicePixelRatio || 1;
    const canvas = Object.assign(document.createElement("canvas"), { width: SIDE * ratio, height: SIDE * ratio });
    fetch(`${this.address}${coords.z}/${coords.x}/${coords.y}.json?${this.query}`)
      .then((answer) => (answer.ok ? (answer.json() as Promise<Drawn>) : Promise.reject(new Error(answer.statusText))))
      .then((drawn) => {
        this.drawn.set(keyOf(coords), drawn);
        inTurn(() => {
          // Shown as a picture: a canvas that can be painted on is copied for each frame in which the map moves.
          const easel = new OffscreenCanvas(canvas.width, canvas.height);
          const brush = easel.getContext("2d")!;
          brush.scale(ratio, ratio);
          paint(brush, drawn, coords);
          canvas.getContext("bitmaprenderer")!.transferFromImageBitmap(easel.transferToImageBitmap());
          done(undefined, canvas);
        });
      })
      .catch((error: Error) => done(error, canvas));
    return canvas;
  }

  /** What lies under a point of the map: a field round it, else the nearest dot or field within reach. */
  at(map: L.Map, place: L.LatLng): Found | undefined {
    const zoom = Math.round(map.getZoom());
    const here = map.project(place, zoom);
    let nearest: (Found & { far: number }) | undefined;
    for (const { shapes, dots } of this.drawn.values()) {
      for (const [id, name, farmer, , rings] of shapes) {
        const ring = rings[0]!.map(([x, y]) => map.project([y, x], zoom));
        const far = inside(here, ring) ? 0 : Math.min(...ring.map((each) => each.distanceTo(here)));
        if (far < (nearest?.far ?? REACH)) nearest = { id, name, farmer, at: place, far };
      }
      for (const [x, y, , , id, name, farmer] of dots) {
        const far = map.project([y, x], zoom).distanceTo(here);
        if (far >= (nearest?.far ?? REACH)) continue;
        nearest = { name: name ?? "", farmer: farmer ?? "", at: L.latLng(y, x), far, ...(id ? { id } : {}) };
      }
    }
    return nearest;
  }
}

const keyOf = ({ z, x, y }: L.Coords) => `${z}/${x}/${y}`;

const waiting: (() => void)[] = [];

/** Tiles arrive by the dozen: each frame paints as many as leave it even. */
function inTurn(work: () => void): void {
  if (waiting.push(work) === 1) requestAnimationFrame(next);
}

function next(): void {
  const until = performance.now() + AT_ONCE_MS;
  do waiting.shift()!();
  while (waiting.length && performance.now() < until);
  if (waiting.length) requestAnimationFrame(next);
}

function paint(brush: OffscreenCanvasRenderingContext2D, { shapes, dots }: Drawn, coords: L.Coords): void {
  // Web Mercator (EPSG:3857) by hand: the map's own makes three objects of each corner.
  const whole = SIDE * 2 ** coords.z;
  const at = (longitude: number, latitude: number): [number, number] => [
    whole * (longitude / 360 + 0.5) - coords.x * SIDE,
    whole * (0.5 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / (2 * Math.PI)) - coords.y * SIDE,
  ];
  // Once a tile: asking the page for a colour costs more than drawing a field.
  const inks = new Map<State, string>();
  for (const state in COLOURS) inks.set(state as State, colour(COLOURS[state as State]));
  // The lines of all fields in one state are drawn at once: a stroke for each takes most of a slow phone's time.
  const lines = new Map<State, Path2D>();
  for (const [, , , state, rings] of shapes) {
    brush.fillStyle = inks.get(state)!;
    if (rings[0]!.length === 1) {
      circle(brush, ...at(...rings[0]![0]!), 5);
      continue;
    }
    const field = new Path2D();
    for (const ring of rings) {
      ring.forEach(([x, y], place) => (place ? field.lineTo(...at(x, y)) : field.moveTo(...at(x, y))));
      field.closePath();
    }
    brush.globalAlpha = state === "needs" || state === "disease" ? 0.45 : 0.12;
    brush.fill(field, "evenodd");
    const line = lines.get(state) ?? new Path2D();
    line.addPath(field);
    lines.set(state, line);
  }
  brush.globalAlpha = 1;
  brush.lineWidth = 2;
  for (const [state, line] of lines) {
    // Said by the line too, not by colour alone: what waits is dashed, what needs a person is filled.
    brush.setLineDash(state === "waits" ? [5, 4] : []);
    brush.strokeStyle = inks.get(state)!;
    brush.stroke(line);
  }
  for (const [x, y, count, state] of dots) {
    brush.fillStyle = inks.get(state)!;
    circle(brush, ...at(x, y), Math.min(9, 3 + Math.log2(count)));
  }
}

function circle(brush: OffscreenCanvasRenderingContext2D, x: number, y: number, radius: number): void {
  brush.beginPath();
  brush.arc(x, y, radius, 0, 2 * Math.PI);
  brush.fill();
}

function inside(point: L.Point, ring: L.Point[]): boolean {
  let within = false;
  for (let one = 0, other = ring.length - 1; one < ring.length; other = one++) {
    const [a, b] = [ring[one]!, ring[other]!];
    if (a.y > point.y !== b.y > point.y && point.x < ((b.x - a.x) * (point.y - a.y)) / (b.y - a.y) + a.x) within = !within;
  }
  return within;
}

/** The field that is chosen: its outline, and its name with the way to its page. */
class Mark {
  private layer: L.GeoJSON | undefined;
  constructor(private readonly map: L.Map, private readonly link: string) {}

  async show(plot: string, found?: Found): Promise<void> {
    const address = this.link.replace("ID", plot);
    const answer = await fetch(`${address}/shape.json`);
    this.layer?.remove();
    if (!answer.ok) return;
    const style = { color: colour("--there"), weight: 4, fillOpacity: 0.15 };
    this.layer = L.geoJSON((await answer.json()) as GeoJSON.Geometry, {
      style,
      pointToLayer: (_feature, at) => L.circleMarker(at, style),
      interactive: false,
    }).addTo(this.map);
    if (found) L.popup().setLatLng(found.at).setContent(popup(found, address)).openOn(this.map);
  }
}

function popup(found: Found, address: string): HTMLElement {
  // Built node by node: a name is text, whatever it holds.
  const box = document.createElement("div");
  const name = Object.assign(document.createElement("a"), { href: address, textContent: found.name || "–" });
  box.append(name, document.createElement("br"), found.farmer);
  return box;
}

function choose(plot: string): void {
  for (const row of document.querySelectorAll("tr.selected")) row.classList.remove("selected");
  const row = document.getElementById(`row-${plot}`);
  row?.classList.add("selected");
  row?.scrollIntoView({ block: "nearest" });
}

function boxOf(text: string | undefined): L.LatLngBounds | undefined {
  const [west, south, east, north] = (text ?? "").split(",").map(Number);
  return text ? L.latLngBounds([south!, west!], [north!, east!]) : undefined;
}
