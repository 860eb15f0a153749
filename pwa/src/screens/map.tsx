// The map of all plots on this phone: over the maps that are kept here, coloured by where each stands or what grows there.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { book, boot } from "../app";
import { useWatch } from "../map/gps";
import { isOnline } from "../map/online";
import { loadMap, packsHere } from "../map/load";
import { firstOf, geometryOf, somewhere } from "../map/neighbours";
import type { Overview } from "../map/overview";
import { byCrop, byState, type Colours } from "../map/colours";
import type { Drawn } from "../map/plots";
import { boxOf, type Position } from "../map/ring";
import type { Fix } from "../map/walk";
import { Top } from "../parts/top";
import type { Shown } from "../store/types";
import { sayNumber, t } from "../words";

/** Where the map was left: the way back from a plot leads there, and not to where it first opened. */
let left: { user: string; center: Position; zoom: number } | null = null;
let colouring: "state" | "crop" = "state";

export function MapPage({ plot }: { plot: string | undefined }) {
  const [, go] = useLocation();
  const revision = book().revision.value;
  const [by, setBy] = useState(colouring);
  const [sight, setSight] = useState<{ plots: Drawn[]; isAll: boolean }>({ plots: [], isAll: true });
  const [fix, setFix] = useState<Fix | null>(null);
  const [forbidden, setForbidden] = useState(false);
  const [trouble, setTrouble] = useState("");
  const [packs, setPacks] = useState<number | null>(null);
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<Overview | null>(null);
  const plots = useMemo(() => book().all("plot").filter((each) => each.fields["boundary"]), [revision]);
  const colours: Colours = useMemo(() => (by === "state" ? byState(plots) : byCrop(plots)), [plots, by]);
  const drawn = useMemo(() => plots.map((each) => drawnOf(each, colours)), [colours]);
  const latest = useRef(drawn);
  latest.current = drawn;

  useEffect(() => {
    let alive = true;
    void Promise.all([loadMap(), packsHere()])
      .then(([entry, kept]) => {
        if (!alive || !element.current) return;
        setPacks(kept.length);
        map.current = entry.mountOverview(element.current, {
          center: somewhere(plots),
          packs: kept,
          onOpen: (each) => go(`/plot/${each.id}`),
          onSight: (found, isAll) => setSight({ plots: found, isAll }),
        });
        begin(map.current, plots, plot);
        map.current.show(latest.current);
      })
      .catch(() => setTrouble(t("The map could not be opened. All plots are under “Find” too.")));
    return () => {
      alive = false;
      if (map.current) left = { user: book().user, ...map.current.place() };
      map.current?.destroy();
      map.current = null;
    };
  }, [plot]);
  useEffect(() => map.current?.show(drawn), [drawn]);
  // A fix may have come before the map was there, or before it was opened anew.
  useEffect(() => {
    if (fix) map.current?.setPosition(fix.point.coordinates, fix.accuracy_m);
  }, [fix, packs]);
  useWatch(true, setFix, () => setForbidden(true));
  const choose = (next: typeof by) => {
    colouring = next;
    setBy(next);
  };
  return (
    <div class="screen overview">
      <Top title={t("Map")} under={t("{count} plots on this phone", { count: sayNumber(plots.length, 0) })} back="/" />
      <div class="row ways-of-drawing" role="group" aria-label={t("Colours")}>
        <button type="button" class="choice" aria-pressed={by === "state"} onClick={() => choose("state")} data-test="by-state">
          {t("Sent or not")}
        </button>
        <button type="button" class="choice" aria-pressed={by === "crop"} onClick={() => choose("crop")} data-test="by-crop">
          {t("Crop")}
        </button>
      </div>
      <div class="map" ref={element} data-test="map" role="application" aria-label={t("Map")} />
      <div class="measure">
        {trouble && (
          <p class="fault" role="alert">
            {trouble}
          </p>
        )}
        {forbidden && (
          <p class="warning" role="status" data-test="forbidden">
            {t("This phone may not say where it is. Allow it in the browser's settings.")}
          </p>
        )}
        <Legend colours={colours} />
        {packs === 0 && !isOnline() && (
          <p class="hint" data-test="no-maps">
            {t("There is no map under the plots yet.")} <a href="#/maps">{boot.tiles ? t("Maps to keep, or an online one") : t("Maps to keep on this phone")}</a>
          </p>
        )}
        <details class="details">
          <summary>{sight.isAll ? t("{count} plots in sight", { count: sight.plots.length }) : t("More than {count} plots in sight", { count: sight.plots.length })}</summary>
          {sight.plots.map((each) => (
            <a class="line" key={each.id} href={`#/plot/${each.id}`}>
              <span class="what">{each.name || "–"}</span>
            </a>
          ))}
        </details>
      </div>
      <footer class="actions">
        <button type="button" data-test="my-place" disabled={!fix} onClick={() => fix && map.current?.lookAt(fix.point.coordinates)}>
          {fix ? t("Where I stand (± {metres} m)", { metres: Math.round(fix.accuracy_m) }) : forbidden ? t("No position") : t("Waiting for GPS…")}
        </button>
        <button type="button" data-test="maps" onClick={() => go("/maps")}>
          {t("Maps to keep")}
        </button>
      </footer>
    </div>
  );
}

/** Where to look first: the plot that was asked for, where the map was left, all plots. */
function begin(map: Overview, plots: Shown[], plot: string | undefined): void {
  const wish = plots.find((each) => each.id === plot);
  if (wish) map.lookAt(firstOf(wish)!);
  else if (left?.user === book().user) map.goTo(left);
  else {
    const places = plots.map(firstOf).filter((each) => each !== undefined);
    if (places.length) map.fit(boxOf(places));
  }
}

function drawnOf(plot: Shown, colours: Colours): Drawn {
  return { id: plot.id, name: String(plot.fields["name"] ?? ""), geometry: geometryOf(plot), colour: colours.of(plot), urgent: plot.state === "attention" };
}

function Legend({ colours }: { colours: Colours }) {
  return (
    <ul class="legend" data-test="legend">
      {colours.legend.map(({ colour, words, count }) => (
        <li key={words}>
          <i style={{ background: colour.startsWith("--") ? `var(${colour})` : colour }} aria-hidden="true" />
          {words} <small>{sayNumber(count, 0)}</small>
        </li>
      ))}
    </ul>
  );
}
