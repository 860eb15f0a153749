// The other plots on this phone, as a map and a line that is drawn need them.
import { book } from "../app";
import type { Draft, Shown } from "../store/types";
import type { Drawn } from "./plots";
import { boxOf, meet, open, type Box, type Position } from "./ring";
import type { Neighbour } from "./snap";

const BESIDE = 100; // metres within which a plot is a neighbour
const NORTHWEST: Position = [103.9, 21.3]; // Sơn La, where nothing else says where to look

export interface Around {
  drawn: Drawn[];
  /** Those that come near some places. */
  near(places: readonly Position[]): Neighbour[];
  center: Position;
}

/** All plots but the one of *draft*, and where to look first. */
export function around(draft: Draft, own: readonly Position[]): Around {
  const plots = book().all("plot").filter((each) => each.id !== draft.record && each.fields["boundary"]);
  const boxed = plots.flatMap((each): [Box, Neighbour][] => {
    const ring = ringOf(each);
    return ring.length > 2 ? [[boxOf(ring), { id: each.id, name: nameOf(each), ring }]] : [];
  });
  return {
    drawn: plots.map((each) => ({ id: each.id, name: String(each.fields["name"] ?? ""), geometry: geometryOf(each), colour: "--soil", quiet: true })),
    near(places) {
      if (!places.length) return [];
      const box = boxOf(places);
      return boxed.filter(([other]) => meet(box, other, BESIDE)).map(([, neighbour]) => neighbour);
    },
    center: own[0] ?? centerOf(draft, plots),
  };
}

/** A plot's name and whose it is: “Nà Ớt 2 (Lò Văn Pâng)”. */
function nameOf(plot: Shown): string {
  const farmer = book().meant(plot.fields["farmer"]);
  const name = String(plot.fields["name"] ?? "–");
  return farmer?.fields["name"] ? `${name} (${String(farmer.fields["name"])})` : name;
}

export const geometryOf = (plot: Shown) => plot.fields["boundary"] as unknown as GeoJSON.Geometry;

function ringOf(plot: Shown): Position[] {
  const shape = geometryOf(plot);
  return shape?.type === "Polygon" ? open((shape.coordinates[0] ?? []) as Position[]) : [];
}

/** A plot of the same farmer, one in the same village, any plot, the Northwest. */
function centerOf(draft: Draft, plots: Shown[]): Position {
  const same = (field: string) => plots.find((each) => draft.typed[field] && each.fields[field] === draft.typed[field]);
  const found = same("farmer") ?? same("village") ?? plots[0];
  return (found && firstOf(found)) ?? NORTHWEST;
}

/** One place of a plot. */
export function firstOf(plot: Shown): Position | undefined {
  const shape = geometryOf(plot);
  if (shape?.type === "Point") return shape.coordinates as Position;
  return shape?.type === "Polygon" ? (shape.coordinates[0]?.[0] as Position | undefined) : undefined;
}

export function somewhere(plots: readonly Shown[]): Position {
  return (plots[0] && firstOf(plots[0])) ?? NORTHWEST;
}
