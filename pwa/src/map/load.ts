// Brings the map when a screen shows one: its code, its style, and the maps on this phone that its reader may see.
import { book, boot } from "../app";
import { bring } from "../late";
import { begun, type Pack } from "./packs";

export async function loadStyle(): Promise<void> {
  if (!document.querySelector(`link[href="${boot.mapCss}"]`)) {
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: boot.mapCss });
    const ready = new Promise((resolve) => (sheet.onload = sheet.onerror = resolve));
    document.head.append(sheet);
    await ready;
  }
}

export async function loadMap(): Promise<typeof import("./entry")> {
  await loadStyle();
  return bring(() => import("./entry"));
}

/** The maps that are whole on this phone, of areas that are this person's: pictures first, lines over them. */
export async function packsHere(): Promise<Pack[]> {
  const areas = book().areas.value;
  // Without them the plots are drawn all the same.
  const packs = await begun().catch(() => []);
  const found = packs.filter((each) => each.complete && each.area in areas);
  return found.sort((one, other) => Number(one.tiles === "mvt") - Number(other.tiles === "mvt"));
}
