// The map of all plots: what is in sight, where one stands, what was tapped.
import type { Pack } from "./packs";
import { PlotLayer, type Drawn } from "./plots";
import type { Box, Position } from "./ring";
import { latLng, open, position } from "./view";

export interface OverviewOptions {
  center: Position;
  packs: readonly Pack[];
  onOpen(plot: Drawn): void;
  /** What is in sight now, at most *most* of it. */
  onSight(plots: Drawn[], isAll: boolean): void;
}

export interface Overview {
  show(plots: readonly Drawn[]): void;
  setPosition(position: Position, accuracy: number): void;
  lookAt(position: Position): void;
  /** See a box whole. */
  fit(box: Box): void;
  /** Where the map was left, to come back to. */
  place(): { center: Position; zoom: number };
  goTo(place: { center: Position; zoom: number }): void;
  destroy(): void;
}

const MOST_LISTED = 60;

export function mountOverview(element: HTMLElement, options: OverviewOptions): Overview {
  const view = open(element, options.center, options.packs);
  const { map } = view;
  const plots = new PlotLayer().addTo(map);
  const look = () => {
    const bounds = map.getBounds();
    const found = plots.within([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], MOST_LISTED + 1);
    options.onSight(found.slice(0, MOST_LISTED), found.length <= MOST_LISTED);
  };
  map.on("click", (event) => {
    const hit = plots.at(position(event.latlng), map.getZoom());
    if (hit) options.onOpen(hit);
  });
  map.on("moveend", look);
  return {
    show(all) {
      plots.show(all);
      look();
    },
    setPosition: view.setPosition,
    lookAt: view.lookAt,
    fit: ([west, south, east, north]) => void map.fitBounds([[south, west], [north, east]], { padding: [24, 24], maxZoom: 17, animate: false }),
    place: () => ({ center: position(map.getCenter()), zoom: map.getZoom() }),
    goTo: ({ center, zoom }) => void map.setView(latLng(center), zoom, { animate: false }),
    destroy: view.destroy,
  };
}
