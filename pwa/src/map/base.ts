// What lies under the plots: the maps that are kept on this phone, and an online one where the centre names it and the officer
// has switched it on. Must never ask anybody for anything otherwise.
import L from "leaflet";
import { PMTiles } from "pmtiles";
import { boot } from "../app";
import { isOnline } from "./online";
import { PackSource, type Pack } from "./packs";

const DEEPEST = 21;
const ONLINE_DEEPEST = 19;

/** Lay *packs*, and the online map where it is on, under whatever is on *map*. What a pack cannot give is left empty. */
export async function layBases(map: L.Map, packs: readonly Pack[]): Promise<L.Layer[]> {
  const laid: L.Layer[] = [];
  if (isOnline() && boot.tiles) laid.push(L.tileLayer(boot.tiles, { maxNativeZoom: ONLINE_DEEPEST, maxZoom: DEEPEST }));
  for (const pack of packs) {
    const layer = await layerOf(pack).catch(() => null);
    if (layer) laid.push(layer);
  }
  for (const each of laid) each.addTo(map);
  const whose = [isOnline() ? (boot.tilesAttribution ?? "") : "", ...packs.map((each) => each.attribution)].map(plain).filter(Boolean);
  if (whose.length) {
    const line = L.control.attribution({ prefix: false });
    for (const each of new Set(whose)) line.addAttribution(each);
    line.addTo(map);
  }
  return laid;
}

async function layerOf(pack: Pack): Promise<L.Layer> {
  const [west, south, east, north] = pack.bounds;
  const bounds: L.LatLngBoundsLiteral = [[south, west], [north, east]];
  const tiles = new PMTiles(new PackSource(pack));
  if (pack.tiles !== "mvt") return new Pictures(tiles, { bounds, minNativeZoom: pack.min_zoom, maxNativeZoom: pack.max_zoom, maxZoom: DEEPEST });
  const told = (await tiles.getMetadata()) as { vector_layers?: { id: string }[] };
  const { vectorLayer } = await import("./vector");
  return vectorLayer(tiles, pack.max_zoom, (told.vector_layers ?? []).map((each) => each.id), bounds);
}

/** A map of pictures. */
class Pictures extends L.GridLayer {
  constructor(
    private readonly tiles: PMTiles,
    options: L.GridLayerOptions,
  ) {
    super(options);
  }

  override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const picture = document.createElement("img");
    picture.alt = "";
    void this.tiles.getZxy(coords.z, coords.x, coords.y).then(
      (tile) => {
        if (!tile) return done(undefined, picture);
        picture.onload = picture.onerror = () => {
          URL.revokeObjectURL(picture.src);
          done(undefined, picture);
        };
        picture.src = URL.createObjectURL(new Blob([tile.data]));
      },
      (error: Error) => done(error, picture),
    );
    return picture;
  }
}

/** Somebody else's words as text: Leaflet would take them as HTML. */
function plain(words: string): string {
  const text = words.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
  return text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}
