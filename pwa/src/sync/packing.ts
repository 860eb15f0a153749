// Packs messages for thin links, as sync/packing.py does: ids in base64, then DEFLATE with a preset dictionary.
// Must never change a released dictionary: a better one gets a new number.
import { deflateSync, Inflate, strToU8 } from "fflate";
import words from "../../../sync/dictionaries/1.txt";
import { Breath } from "../breath";

export const MEDIA_TYPE = "application/x.nuong";
const NUMBER = 1;
export const CONTENT_TYPE = `${MEDIA_TYPE};d=${NUMBER}`;

const UUID = /"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})"/g;
const SHORT = /"~([0-9A-Za-z_-]{22})"/g;
const dictionary = strToU8(words);
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Two digits of base64 are three of sixteen: an id is put together from eleven pairs. */
const THREE = Array.from({ length: 4096 }, (_, pair) => pair.toString(16).padStart(3, "0"));
const VALUE = new Uint8Array(128);
for (const [value, digit] of [...DIGITS].entries()) VALUE[digit.charCodeAt(0)] = value;
/** Bytes that are unpacked at once: on a slow phone some twenty milliseconds. */
const PORTION = 4096;

/** The text packed; null where it can't be, because somebody wrote what looks like one of our shortened ids. */
export function pack(text: string): Uint8Array | null {
  if (text.search(SHORT) >= 0) return null;
  const shortened = text.replace(UUID, (_all, ...parts) => `"~${short(parts.slice(0, 5).join(""))}"`);
  return deflateSync(strToU8(shortened), { level: 9, mem: 8, dictionary });
}

/** The text that was packed. Throws for what is cut off or none of ours. A page of a first sync comes in portions. */
export async function unpack(packed: Uint8Array): Promise<string> {
  const breath = new Breath();
  const utf8 = new TextDecoder();
  let text = "";
  /** What may be the beginning of an id that goes on in the next portion. */
  let begun = "";
  const inflate = new Inflate({ dictionary }, (bytes, last) => {
    const here = begun + utf8.decode(bytes, { stream: !last });
    const whole = last ? here.length : beforeId(here);
    text += here.slice(0, whole).replace(SHORT, (_all, id: string) => `"${long(id)}"`);
    begun = here.slice(whole);
  });
  for (let at = 0; at === 0 || at < packed.length; at += PORTION) {
    if (at) await breath.taken();
    inflate.push(packed.subarray(at, at + PORTION), at + PORTION >= packed.length);
  }
  return text;
}

/** Where the last id begins in *text*, or may begin; its length where none does. */
function beforeId(text: string): number {
  const last = text.lastIndexOf('"~');
  return last >= 0 ? last : text.length - Number(text.endsWith('"'));
}

function short(hex: string): string {
  let bytes = "";
  for (let at = 0; at < 32; at += 2) bytes += String.fromCharCode(parseInt(hex.slice(at, at + 2), 16));
  return btoa(bytes).slice(0, 22).replace(/\+/g, "-").replace(/\//g, "_");
}

function long(id: string): string {
  let hex = "";
  for (let at = 0; at < id.length; at += 2) hex += THREE[(VALUE[id.charCodeAt(at)]! << 6) | VALUE[id.charCodeAt(at + 1)]!];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
