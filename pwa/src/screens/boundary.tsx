// A plot's boundary: walked with GPS, tapped on the map, or given as a point. Every fix and every corner is on disk at once.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { book } from "../app";
import { correction } from "../forms/begin";
import { useStanding } from "../forms/standing";
import { read } from "../forms/typed";
import { useDrawing, type Drawing, type Way } from "../map/drawing";
import { useAwake, useWatch } from "../map/gps";
import { loadMap, packsHere } from "../map/load";
import { around } from "../map/neighbours";
import { overlaps } from "../map/overlap";
import type { Pen } from "../map/pen";
import { crossingPlaces } from "../map/ring";
import { keepsAwake } from "../browser";
import { believed, gaps, WARN_M, type Fix } from "../map/walk";
import { CornerLine, Measure, Warnings } from "../parts/boundary";
import { Missing } from "../parts/record";
import { Top } from "../parts/top";
import { formsOpen } from "../pwa";
import { fieldsOf } from "../records/declarations";
import type { Draft, Json } from "../store/types";
import { t } from "../words";

const SILENCE = 30_000; // ms without a fix while walking

export function Boundary({ type, id }: { type: string; id: string }) {
  const kept = book().draft(`${type}/${id}`) ?? correction(id, type);
  return kept ? <Editor kept={kept} /> : <Missing />;
}

function Editor({ kept }: { kept: Draft }) {
  const [, go] = useLocation();
  useStanding();
  const beside = useMemo(() => around(kept, []), []);
  const drawing = useDrawing(kept, (at) => beside.near([at]));
  const { way, corners, walking, chosen, track } = drawing;
  const [words, setWords] = useState("");
  const [fix, setFix] = useState<Fix | null>(null);
  const [forbidden, setForbidden] = useState(false);
  const wanted = useRef(false);
  const places = corners.map((each) => each.at);
  const crossed = useMemo(() => (way === "point" ? [] : crossingPlaces(places)), [corners, way]);
  const unseen = way === "walked" ? gaps(track) : [];
  const near = useMemo(() => (walking ? [] : beside.near(places)), [corners, walking]);
  const common = useMemo(() => (walking || way === "point" ? [] : overlaps(places, near)), [corners, near, way]);
  const element = useRef<HTMLDivElement>(null);
  const pen = usePen(element, kept, drawing, beside, setWords);

  const sketch = () =>
    pen.current?.draw({
      corners: places,
      chosen,
      walking,
      gaps: unseen.map(([before, after]) => [before.point.coordinates, after.point.coordinates]),
      crossings: crossed,
      overlaps: common.flatMap((each) => each.rings),
    });
  // A fix may have come before the map was there.
  const position = () => fix && pen.current?.setPosition(fix.point.coordinates, fix.accuracy_m);
  /** Look where one stands, once: whoever then moves the map to a plot across the valley is not called back. */
  const looked = useRef(corners.length > 0);
  const look = (found: Fix) => {
    if (looked.current || !pen.current) return;
    looked.current = believed(found);
    pen.current.lookAt(found.point.coordinates);
  };
  pen.onOpen = () => {
    sketch();
    position();
    if (fix) look(fix);
  };
  useEffect(() => void position(), [fix]);
  useEffect(() => void sketch(), [corners, way, walking, chosen, common]);

  const stand = (found: Fix) => {
    wanted.current = !drawing.stand(found);
    if (wanted.current) setWords(waitWords(found));
  };
  useWatch(true, (found) => {
    setFix(found);
    drawing.take(found);
    if (wanted.current) return stand(found);
    if (!walking) return look(found);
    pen.current?.lookAt(found.point.coordinates);
    setWords(!believed(found) ? waitWords(found) : found.accuracy_m > WARN_M ? t("GPS is sure to {metres} m.", { metres: Math.round(found.accuracy_m) }) : "");
  }, () => setForbidden(true));
  useAwake(walking);
  useEffect(() => {
    if (!walking) return;
    const timer = setTimeout(() => setWords(t("No position for half a minute. Stand still under open sky; the walk goes on from there.")), SILENCE);
    return () => clearTimeout(timer);
  }, [walking, fix]);

  const here = () => {
    if (fix) return stand(fix);
    wanted.current = true;
    setWords(forbidden ? "" : t("Waiting for GPS…"));
  };
  return (
    <div class="screen boundary">
      <Top title={t("Boundary")} under={String(kept.typed["name"] ?? "")} back={`/edit/${kept.type}/${kept.record}`} />
      <Ways drawing={drawing} />
      <div class="map" ref={element} data-test="map" role="application" aria-label={t("Map")} />
      <div class="measure">
        {forbidden && !fix && (
          <p class="warning" role="status" data-test="forbidden">
            {t("This phone may not say where it is. Allow it in the browser's settings.")}
          </p>
        )}
        {chosen !== null && corners[chosen] && (
          <CornerLine corner={corners[chosen]} place={chosen} count={corners.length} onRemove={() => drawing.remove(chosen)} onLeave={() => drawing.select(null)} />
        )}
        <Measure drawing={drawing} fix={fix} declared={walking ? undefined : declaredOf(kept)} />
        {chosen === null && <CornerLine corner={corners.at(-1)} place={corners.length - 1} count={corners.length} />}
        {way === "walked" && !walking && corners.length > 0 && <Anew drawing={drawing} />}
        <Warnings drawing={drawing} words={words || (walking && !keepsAwake ? t("This browser lets the screen go dark: touch it now and then. In the dark there is no position.") : "")} crossed={crossed.length > 0} gaps={unseen} overlaps={common} neighbours={near} />
      </div>
      <footer class="actions">
        {!walking && (
          <button type="button" disabled={!drawing.canUndo} onClick={drawing.undo} data-test="undo-corner">
            {t("Undo")}
          </button>
        )}
        {(way !== "walked" || walking) && (
          <button type="button" onClick={here} data-test="here">
            {walking ? t("Corner here") : t("My place")}
          </button>
        )}
        {way === "walked" && (
          <button type="button" class={walking ? "needs" : ""} data-test="walk" onClick={() => (walking ? drawing.pause() : drawing.begin(!drawing.canWalkOn))}>
            {walking ? t("Pause") : drawing.canWalkOn ? t("Walk on") : t("Begin to walk")}
          </button>
        )}
        {/* Back at the beginning of a walk: what came of it is looked at first. */}
        <button class="do" type="button" data-test="boundary-done" onClick={() => (walking ? drawing.pause() : go(`/edit/${kept.type}/${kept.record}`, { replace: true }))}>
          {t("Done")}
        </button>
      </footer>
    </div>
  );
}

/** Where a boundary stands already: what walking does to it. */
function Anew({ drawing: { canWalkOn, begin } }: { drawing: Drawing }) {
  if (!canWalkOn)
    return (
      <p class="hint" data-test="in-place">
        {t("“Begin to walk” measures the plot anew, in place of this boundary. “Undo” brings it back.")}
      </p>
    );
  return (
    <button type="button" data-test="walk-anew" onClick={() => begin(true)}>
      {t("Walk anew from the beginning")}
    </button>
  );
}

/** The declared area as a number: the form keeps it as it was typed. */
function declaredOf({ type, typed }: Draft): Json | undefined {
  const field = fieldsOf(type)["declared_area_ha"];
  return field && read(field, typed["declared_area_ha"]);
}

function Ways({ drawing: { way, walking, choose } }: { drawing: Drawing }) {
  return (
    <div class="row ways-of-drawing" role="group" aria-label={t("How to draw it")}>
      {(["tapped", "walked", "point"] as const).map((each) => (
        <button key={each} type="button" class="choice" data-test={`way-${each}`} aria-pressed={way === each} disabled={walking} onClick={() => choose(each)}>
          {wayWord(each)}
        </button>
      ))}
    </div>
  );
}

/** The map under the screen: opened once, told what to draw, and telling what was done on it. */
function usePen(element: { current: HTMLDivElement | null }, kept: Draft, drawing: Drawing, beside: ReturnType<typeof around>, say: (words: string) => void) {
  const pen = useRef<Pen | null>(null) as { current: Pen | null; onOpen?: () => void };
  const latest = useRef(drawing);
  latest.current = drawing;
  useEffect(() => {
    formsOpen.value += 1;
    let alive = true;
    void Promise.all([loadMap(), packsHere()])
      .then(([map, packs]) => {
        if (!alive || !element.current) return;
        pen.current = map.mountPen(element.current, {
          neighbours: beside.drawn,
          center: latest.current.corners[0]?.at ?? beside.center,
          packs,
          onTap: (at, reach) => latest.current.tap(at, reach),
          onChoose: (place) => latest.current.select(place),
          onMove: (place, at, reach) => latest.current.move(place, at, reach),
          onAdd: (after, at, reach) => latest.current.add(after, at, reach),
          say: (place) => t("Corner {number}", { number: place + 1 }),
          sayBetween: (place) => t("Add a corner after corner {number}", { number: place + 1 }),
        });
        pen.current.fit();
        pen.onOpen?.();
      })
      .catch(() => say(t("The map could not be opened. Walk the boundary, or give a point.")));
    return () => {
      alive = false;
      formsOpen.value -= 1;
      pen.current?.destroy();
    };
  }, [kept.key]);
  return pen;
}

function waitWords({ accuracy_m }: Fix): string {
  return t("GPS is only sure to {metres} m: waiting for better. Stand still under open sky.", { metres: Math.round(accuracy_m) });
}

function wayWord(way: Way): string {
  if (way === "walked") return t("Walk");
  return way === "point" ? t("A point") : t("Tap");
}
