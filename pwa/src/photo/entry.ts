// What becomes of a picture from the camera: upright, no larger than it need be, and nothing left in it but the picture.
// Loaded only when one is taken. Must never hold more than one picture in memory.
import { uuidv7 } from "uuidv7";
import type { Taken } from "../store/pictures";
import type { Photo } from "../store/types";

const LONG_SIDE = 1600; // px
const FULL_BYTES = 200_000;
const PREVIEW_SIDE = 320;
const PREVIEW_BYTES = 15_000;
const START_OF_SCAN = 0xffda;
const LEAST_SIDE = 160;
const MIME = "image/jpeg";
const BEST = 0.85;
const WORST = 0.4;
const JUST_NOW = 120_000; // ms: a file older than this was chosen, not taken; where it was taken nobody knows

/** The file is no picture that this browser can read. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

export interface Place {
  point: { type: "Point"; coordinates: [number, number] };
  accuracy_m: number;
}

/** Make both sizes of the picture in *file*. *where*: this phone's position now, if it is known. Throws `Unreadable`. */
export async function develop(file: File, where: Place | null): Promise<Taken> {
  const picture = await decoded(file);
  try {
    const full = await smallest(picture, LONG_SIDE, FULL_BYTES);
    const preview = await smallest(picture, PREVIEW_SIDE, PREVIEW_BYTES);
    const takenAt = file.lastModified || Date.now();
    const photo: Photo = {
      id: uuidv7(),
      sha256: await hashOf(full.bytes),
      preview_sha256: await hashOf(preview.bytes),
      size_bytes: full.bytes.byteLength,
      mime: MIME,
      width: full.width,
      height: full.height,
      taken_at: new Date(takenAt).toISOString(),
      ...(where && Math.abs(Date.now() - takenAt) < JUST_NOW ? where : {}),
    };
    return { photo, full: full.bytes, preview: preview.bytes };
  } finally {
    picture.close();
  }
}

/** The picture as it is to be seen: the camera's note of how it was held is followed here, and then gone. */
async function decoded(file: File): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Unreadable(file.type);
  }
}

interface Made {
  bytes: ArrayBuffer;
  width: number;
  height: number;
}

/** The picture with a long side of at most *side*, as good as *most* bytes allow. Drawn anew, so that no EXIF is left. */
async function smallest(picture: ImageBitmap, side: number, most: number): Promise<Made> {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d", { alpha: false });
  if (!pen) throw new Unreadable("canvas");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  let best = await encoded(canvas, BEST);
  for (let low = WORST, high = BEST, turn = 0; best.size > most && turn < 4; turn++) {
    const quality = turn === 3 ? low : (low + high) / 2;
    const tried = await encoded(canvas, quality);
    if (tried.size > most) high = quality;
    else low = quality;
    if (tried.size <= most || tried.size < best.size) best = tried;
  }
  // Leaves in the wind: even at its worst it is too large, so it gets fewer points.
  if (best.size > most && side > LEAST_SIDE) return smallest(picture, Math.round(side * 0.8), most);
  const made = { bytes: bare(await best.arrayBuffer()), width: canvas.width, height: canvas.height };
  canvas.width = canvas.height = 0; // some browsers keep a canvas's memory until it is made small
  return made;
}

/** A JPEG without what a browser adds to the picture: colour profiles, comments, whatever (ITU T.81, annex B: APP1 to APP15, COM). */
function bare(jpeg: ArrayBuffer): ArrayBuffer {
  const view = new DataView(jpeg);
  const kept = [new Uint8Array(jpeg, 0, 2)];
  let at = 2;
  while (at + 4 <= view.byteLength && view.getUint16(at) !== START_OF_SCAN) {
    const marker = view.getUint8(at + 1);
    const end = at + 2 + view.getUint16(at + 2);
    if (!(marker > 0xe0 && marker <= 0xef) && marker !== 0xfe) kept.push(new Uint8Array(jpeg, at, end - at));
    at = end;
  }
  kept.push(new Uint8Array(jpeg, at));
  const made = new Uint8Array(kept.reduce((sum, each) => sum + each.length, 0));
  let place = 0;
  for (const part of kept) {
    made.set(part, place);
    place += part.length;
  }
  return made.buffer;
}

function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Unreadable("encode"))), MIME, quality),
  );
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (each) => each.toString(16).padStart(2, "0")).join("");
}
