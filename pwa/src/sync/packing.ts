// Packs messages for thin links, as sync/packing.py does: ids in base64, then DEFLATE with a preset dictionary.
// Must never change a released dictionary: a better one gets a new number.
import { deflateSync, inflateSync, strFromU8, strToU8 } from "fflate";
import words from "../../../sync/dictionaries/1.txt";

export const MEDIA_TYPE = "application/x.nuong";
const NUMBER = 1;
export const CONTENT_TYPE = `${MEDIA_TYPE};d=${NUMBER}`;

const UUID = /"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})"/g;
const SHORT = /"~([0-9A-Za-z_-]{22})"/g;
const dictionary = strToU8(words);
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The text packed; null where it can't be, because somebody wrote what looks like one of our shortened ids. */
export function pack(text: string): Uint8Array | null {
  if (text.search(SHORT) >= 0) return null;
  const shortened = text.replace(UUID, (_all, ...parts) => `"~${short(parts.slice(0, 5).join(""))}"`);
  return deflateSync(strToU8(shortened), { level: 9, mem: 8, dictionary });
}

/** The text that was packed. Throws for what is cut off or none of ours. */
export function unpack(packed: Uint8Array): string {
  return strFromU8(inflateSync(packed, { dictionary })).replace(SHORT, (_all, id: string) => `"${long(id)}"`);
}

function short(hex: string): string {
  let bytes = "";
  for (let at = 0; at < 32; at += 2) bytes += String.fromCharCode(parseInt(hex.slice(at, at + 2), 16));
  return btoa(bytes).slice(0, 22).replace(/\+/g, "-").replace(/\//g, "_");
}

function long(id: string): string {
  const bytes = atob(id.replace(/-/g, "+").replace(/_/g, "/"));
  let hex = "";
  for (let at = 0; at < bytes.length; at++) hex += HEX[bytes.charCodeAt(at)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
