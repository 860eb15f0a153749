// Maps that are kept on this phone, in a database of their own: in pieces, each checked against its hash. Records never wait for
// one, and none is in a person's database. Must never draw from a pack that did not arrive whole.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Source } from "pmtiles";
import type { Id } from "../store/types";

/** A map that an area has, as the centre offers it. `bounds`: west, south, east, north. */
export interface Offer {
  id: Id;
  area: Id;
  name: string;
  size: number;
  sha256: string;
  tiles: "mvt" | "png" | "jpeg" | "webp" | "avif";
  min_zoom: number;
  max_zoom: number;
  bounds: [number, number, number, number];
  attribution: string;
}

/** A map that was begun: `pieces` are the SHA-256 of each `piece_bytes` of it. */
export interface Pack extends Offer {
  piece_bytes: number;
  pieces: string[];
  complete: boolean;
}

export interface MapsSchema extends DBSchema {
  packs: { key: Id; value: Pack };
  /** By pack and number; the last one of a pack that was cut off is shorter than it will be. */
  pieces: { key: [Id, number]; value: ArrayBuffer };
  /** What the centre last said that it offers, by person: shown where there is no signal. */
  offers: { key: Id; value: Offer[] };
}

export type MapsDatabase = IDBPDatabase<MapsSchema>;

let opened: Promise<MapsDatabase> | undefined;

export function mapsDatabase(): Promise<MapsDatabase> {
  return (opened ??= openDB<MapsSchema>("nuong-maps", 1, {
    upgrade(database) {
      database.createObjectStore("packs", { keyPath: "id" });
      database.createObjectStore("pieces");
      database.createObjectStore("offers");
    },
    blocking: () => void opened?.then((database) => database.close()).then(() => (opened = undefined)),
    terminated: () => (opened = undefined),
  }).catch((error: unknown) => {
    opened = undefined;
    throw error;
  }));
}

export const lengthOf = (pack: Pack, number: number) => Math.min(pack.piece_bytes, pack.size - number * pack.piece_bytes);

const allOf = (pack: Id) => IDBKeyRange.bound([pack, 0], [pack, Infinity]);

/** All maps that were begun, whole or not. */
export async function begun(): Promise<Pack[]> {
  return (await mapsDatabase()).getAll("packs");
}

/** How many bytes of a map are here. */
export async function bytesHere(pack: Pack): Promise<number> {
  if (pack.complete) return pack.size;
  const database = await mapsDatabase();
  const numbers = await database.getAllKeys("pieces", allOf(pack.id));
  const last = numbers.at(-1);
  if (!last) return 0;
  const piece = await database.get("pieces", last);
  return (numbers.length - 1) * pack.piece_bytes + (piece?.byteLength ?? 0);
}

/** Take a map from the phone; its room is free again. */
export async function remove(pack: Id): Promise<void> {
  const work = (await mapsDatabase()).transaction(["packs", "pieces"], "readwrite");
  void work.objectStore("packs").delete(pack);
  void work.objectStore("pieces").delete(allOf(pack));
  await work.done;
}

const HELD = 8; // pieces in memory: 2 MB, of which directories are asked for again and again

/** A map's bytes for whoever draws it. */
export class PackSource implements Source {
  private readonly held = new Map<number, Promise<ArrayBuffer>>();

  constructor(private readonly pack: Pack) {}

  getKey = () => this.pack.id;

  getBytes = async (offset: number, length: number) => {
    const { piece_bytes, size } = this.pack;
    const end = Math.min(size, offset + length);
    const made = new Uint8Array(Math.max(0, end - offset));
    for (let number = Math.floor(offset / piece_bytes); number * piece_bytes < end; number++) {
      const start = number * piece_bytes;
      const piece = new Uint8Array(await this.piece(number));
      const from = Math.max(0, offset - start);
      made.set(piece.subarray(from, Math.min(piece.length, end - start)), Math.max(0, start - offset));
    }
    return { data: made.buffer };
  };

  private piece(number: number): Promise<ArrayBuffer> {
    const known = this.held.get(number);
    if (known) this.held.delete(number);
    const piece = known ?? mapsDatabase().then(async (database) => {
      const found = await database.get("pieces", [this.pack.id, number]);
      if (!found) throw new Error(`a piece of a map is lost: ${number}`);
      return found;
    });
    this.held.set(number, piece);
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value!);
    return piece;
  }
}
