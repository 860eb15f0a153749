// What becomes of a picture from the camera: upright, no larger than it need be, and nothing left in it but the picture.
// Loaded only when one is taken. Must never hold more than one picture in memory.
import { uuidv7 } from "uuidv7";
import type { Taken } from "../store/pictures";
import type { Photo } from "../store/types";

const LONG_SIDE = 1600; // px
const FULL_BYTES = 200_000;
const PREVIEW_SIDE = 320;
const PREVIEW_BYTES = 15_000;
const LEAST_SIDE = 160;
const MIME = "image/jpeg";
const BEST = 0.85;
const WORST = 0.4;
const JUST_NOW = 120_000; // ms: a file older than this was chosen, not taken; where it was taken nobody knows

/** The file is no picture that this browser can read. */
export class Unreadable extends Error {}

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
  const made = { bytes: await best.arrayBuffer(), width: canvas.width, height: canvas.height };
  canvas.width = canvas.height = 0; // some browsers keep a canvas's memory until it is made small
  return made;
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
