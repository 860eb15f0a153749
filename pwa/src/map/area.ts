// The area of a plot on pages that open without the map: the sum over it comes late, and once.
import { useEffect, useState } from "preact/hooks";
import type { Json } from "../store/types";

type Measure = (geometry: Json | undefined) => number | null;

let here: Measure | undefined;

/** What says an area in ha (null for a point or none); undefined while that is still being fetched. */
export function useMeasure(): Measure | undefined {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (here) return;
    let alive = true;
    void import("./geometry").then(
      ({ areaOf }) => {
        here = areaOf;
        if (alive) redraw(1);
      },
      () => undefined,
    );
    return () => void (alive = false);
  }, []);
  return here;
}
