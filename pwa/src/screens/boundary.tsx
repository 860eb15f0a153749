// A plot's boundary: walked with GPS, tapped on the map, or given as a point. Every fix and every corner is on disk at once.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { boot, book } from "../app";
import { bring } from "../late";
import { right } from "../clock";
import { correction } from "../forms/begin";
import { useStanding } from "../forms/standing";
import type { BoundaryMap, Shape } from "../map/entry";
import { areaHa, crossings, gaps, metres, open, rounded, thin, UNSURE, type Fix, type Position } from "../map/geometry";
import { Missing } from "../parts/record";
import { Top } from "../parts/top";
import { formsOpen } from "../pwa";
import type { Draft, Json } from "../store/types";
import { sayNumber, t } from "../words";

const WARN = 10; // metres: said
const SILENCE = 30_000; // ms without a fix while walking
const NORTHWEST: Position = [103.9, 21.3]; // Sơn La, where nothing else says where to look

export function Boundary({ type, id }: { type: string; id: string }) {
  const kept = book().draft(`${type}/${id}`) ?? correction(id, type);
  return kept ? <Editor kept={kept} /> : <Missing />;
}

type Way = "tapped" | "walked" | "point";

function Editor({ kept }: { kept: Draft }) {
  const [, go] = useLocation();
  useStanding();
  const [way, setWay] = useState<Way>(wayOf(kept));
  const [corners, setCorners] = useState<Position[]>(cornersOf(kept));
  const [past, setPast] = useState<Position[][]>([]);
  const [words, setWords] = useState("");
  const [walking, setWalking] = useState(false);
  const [fix, setFix] = useState<Fix | null>(null);
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<BoundaryMap | null>(null);
  const draft = useRef(kept);
  const track = useRef<Fix[]>((kept.typed["track"] as unknown as Fix[] | undefined) ?? []);
  const now = useRef({ way, corners, walking });
  now.current = { way, corners, walking };
  const drawn = useRef(() => {});

  const put = (next: Position[], remember = true) => {
    if (remember) setPast((before) => [...before, now.current.corners]);
    now.current.corners = next;
    setCorners(next);
    keep(next, now.current.way);
  };
  const keep = (points: Position[], how: Way) => {
    const typed: Record<string, Json> = { ...draft.current.typed, boundary: geometryOf(points, how), capture: how };
    if (track.current.length) typed["track"] = track.current as unknown as Json;
    const sure = how === "tapped" ? null : worst(track.current);
    if (sure !== null) typed["accuracy_m"] = sure;
    draft.current = { ...draft.current, typed, changedAt: Date.now() };
    // A picture that was still being made when the form was left has come to the draft since.
    const photos = book().draft(draft.current.key)?.photos;
    if (photos) draft.current.photos = photos;
    void book().putDraft(draft.current);
  };

  useEffect(() => {
    formsOpen.value += 1;
    let alive = true;
    void loadMap().then((entry) => {
      if (!alive || !element.current) return;
      map.current = entry.mountBoundary(element.current, {
        neighbours: neighboursOf(kept),
        center: centerOf(kept),
        onTap: (position) => {
          if (now.current.way === "walked") return;
          const at = rounded(position);
          put(now.current.way === "point" ? [at] : [...now.current.corners, at]);
        },
        onMove: (corner, position) => put(now.current.corners.map((each, place) => (place === corner ? rounded(position) : each))),
      });
      drawn.current();
      map.current.fit();
    }).catch(() => setWords(t("The map could not be opened. Walk the boundary, or give a point.")));
    return () => {
      alive = false;
      formsOpen.value -= 1;
      map.current?.destroy();
    };
  }, []);

  const crossed = way !== "point" ? crossings(corners) : [];
  const unseen = way === "walked" ? gaps(track.current) : [];
  const draw = () => {
    map.current?.setCorners(corners, crossed.length > 0);
    map.current?.setGaps(unseen.map(([before, after]) => [before.point.coordinates, after.point.coordinates]));
  };
  drawn.current = draw;
  useEffect(draw, [corners, way]);

  useWatch(walking || way === "point" || way === "tapped", (found) => {
    setFix(found);
    map.current?.setPosition(found.point.coordinates, found.accuracy_m);
    if (!now.current.walking) {
      if (!track.current.length && !now.current.corners.length) map.current?.lookAt(found.point.coordinates);
      return;
    }
    track.current = [...track.current, found];
    if (found.accuracy_m > UNSURE) {
      setWords(t("GPS is only sure to {metres} m: waiting for better. Stand still under open sky.", { metres: Math.round(found.accuracy_m) }));
      keep(now.current.corners, "walked");
      return;
    }
    setWords(found.accuracy_m > WARN ? t("GPS is sure to {metres} m.", { metres: Math.round(found.accuracy_m) }) : "");
    put(walkOf(track.current), false);
    map.current?.lookAt(found.point.coordinates);
  });
  useAwake(walking);
  useEffect(() => {
    if (!walking) return;
    const timer = setTimeout(() => setWords(t("No position for half a minute. Stand still under open sky; the walk goes on from there.")), SILENCE);
    return () => clearTimeout(timer);
  }, [walking, fix]);

  const stop = () => {
    setWalking(false);
    const sure = worst(track.current) ?? 5;
    put(thin(walkOf(track.current), Math.max(2, Math.min(sure, 10))));
  };
  const undo = () => {
    const last = past.at(-1);
    if (!last) return;
    setPast(past.slice(0, -1));
    put(last, false);
  };
  const choose = (next: Way) => {
    setWay(next);
    now.current.way = next;
    if (next === "point") put(corners.slice(0, 1));
  };
  const here = () => {
    if (!fix) return setWords(t("Waiting for GPS…"));
    track.current = [fix];
    put(way === "point" ? [rounded(fix.point.coordinates)] : [...corners, rounded(fix.point.coordinates)]);
  };
  const back = `/edit/${kept.type}/${kept.record}`;

  return (
    <div class="screen boundary">
      <Top title={t("Boundary")} under={String(kept.typed["name"] ?? "")} back={back} />
      <div class="row ways-of-drawing" role="group" aria-label={t("How to draw it")}>
        {(["tapped", "walked", "point"] as const).map((each) => (
          <button key={each} type="button" class="choice" data-test={`way-${each}`} aria-pressed={way === each} disabled={walking} onClick={() => choose(each)}>
            {wayWord(each)}
          </button>
        ))}
      </div>
      <div class="map" ref={element} data-test="map" role="application" aria-label={t("Map")} />
      <div class="measure">
        <p class="large" data-test="drawn-area">
          {way === "point" ? (corners.length ? t("A point, no area") : t("Tap where the plot is")) : `${sayNumber(areaHa(corners), 4)} ha`}
        </p>
        <p class="quiet">
          {t("{count} corners", { count: corners.length })}
          {fix && ` · GPS ± ${Math.round(fix.accuracy_m)} m`}
        </p>
        {unseen.length > 0 && (
          <p class="warning" role="status" data-test="gaps">
            {t("Not seen while you walked: {gaps}. It is drawn dotted. Where the boundary is not straight there, go back and walk that piece again.", {
              gaps: unseen.map(gapWords).join(", "),
            })}
          </p>
        )}
        <p class="warning" role="status" data-test="boundary-words">
          {crossed.length > 0 ? t("The boundary crosses itself. Move a corner, or keep it and look at it later.") : words}
        </p>
      </div>
      <footer class="actions four">
        <button type="button" disabled={!past.length} onClick={undo} data-test="undo-corner">
          {t("Undo")}
        </button>
        {way === "walked" ? (
          <button type="button" class={walking ? "needs" : ""} data-test="walk" onClick={walking ? stop : () => setWalking(true)}>
            {walking ? t("Stop walking") : track.current.length ? t("Walk on") : t("Begin to walk")}
          </button>
        ) : (
          <button type="button" onClick={here} data-test="here">
            {t("Where I stand")}
          </button>
        )}
        <button class="do" type="button" data-test="boundary-done" disabled={walking} onClick={() => go(back, { replace: true })}>
          {t("Done")}
        </button>
      </footer>
    </div>
  );
}

/** How long and how far a walk was not seen: 45 s, 60 m. */
function gapWords([before, after]: [Fix, Fix]): string {
  const far = Math.round(metres(before.point.coordinates, after.point.coordinates));
  const seconds = Math.round((Date.parse(after.at) - Date.parse(before.at)) / 1000);
  return `${far} m (${seconds} s)`;
}

function wayWord(way: Way): string {
  if (way === "walked") return t("Walk");
  return way === "point" ? t("A point") : t("Tap");
}

async function loadMap(): Promise<typeof import("../map/entry")> {
  if (!document.querySelector(`link[href="${boot.mapCss}"]`)) {
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: boot.mapCss });
    const ready = new Promise((resolve) => (sheet.onload = sheet.onerror = resolve));
    document.head.append(sheet);
    await ready;
  }
  return bring(() => import("../map/entry"));
}

function wayOf(draft: Draft): Way {
  const how = draft.typed["capture"];
  return how === "walked" || how === "point" ? how : "tapped";
}

function cornersOf(draft: Draft): Position[] {
  const shape = draft.typed["boundary"] as { type?: string; coordinates?: unknown } | undefined | null;
  if (shape?.type === "Point") return [shape.coordinates as Position];
  if (shape?.type === "Polygon") return open((shape.coordinates as Position[][])[0] ?? []);
  return [];
}

/** Closed on saving; fewer than three corners are no polygon yet, and stay a point so that nothing is lost. */
function geometryOf(corners: Position[], way: Way): Json {
  const first = corners[0];
  if (!first) return null;
  if (way === "point" || corners.length < 3) return { type: "Point", coordinates: first };
  return { type: "Polygon", coordinates: [[...corners, first]] };
}

function neighboursOf(draft: Draft): Shape[] {
  return book()
    .all("plot")
    .filter((each) => each.id !== draft.record && each.fields["boundary"])
    .slice(0, 2000)
    .map((each) => ({ name: String(each.fields["name"] ?? ""), geometry: each.fields["boundary"] as unknown as GeoJSON.Geometry }));
}

/** Where to look first: the plot itself, a plot of the same farmer, any plot, the Northwest. */
function centerOf(draft: Draft): Position {
  const own = cornersOf(draft)[0];
  if (own) return own;
  const plots = book().all("plot").filter((each) => each.fields["boundary"] && each.id !== draft.record);
  const near = plots.find((each) => each.fields["farmer"] === draft.typed["farmer"]) ?? plots.find((each) => each.fields["village"] === draft.typed["village"]) ?? plots[0];
  const shape = near?.fields["boundary"] as { type: string; coordinates: unknown } | undefined;
  if (!shape) return NORTHWEST;
  return shape.type === "Point" ? (shape.coordinates as Position) : ((shape.coordinates as Position[][])[0]?.[0] ?? NORTHWEST);
}

/** The walk as far as it can be believed: sure enough, and a step away from the fix before. */
function walkOf(track: Fix[]): Position[] {
  const steps: Position[] = [];
  for (const { point, accuracy_m } of track) {
    if (accuracy_m > UNSURE) continue;
    const at = rounded(point.coordinates);
    const last = steps.at(-1);
    if (!last || metres(last, at) >= 2) steps.push(at);
  }
  return steps;
}

function worst(track: Fix[]): number | null {
  const sure = track.map((each) => each.accuracy_m).filter((each) => each <= UNSURE);
  return sure.length ? Math.max(...sure) : null;
}

function useWatch(on: boolean, take: (fix: Fix) => void) {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    if (!on || !navigator.geolocation) return;
    const watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) =>
        latest.current({
          at: new Date(right(timestamp)).toISOString(),
          point: { type: "Point", coordinates: rounded([coords.longitude, coords.latitude]) },
          accuracy_m: Math.round(coords.accuracy * 10) / 10,
        }),
      () => undefined,
      { enableHighAccuracy: true, maximumAge: 2000, timeout: 60_000 },
    );
    return () => navigator.geolocation.clearWatch(watch);
  }, [on]);
}

/** The screen stays on while walking: a phone that sleeps gives no fixes. */
function useAwake(on: boolean) {
  useEffect(() => {
    if (!on || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    const hold = async () => {
      if (document.visibilityState !== "visible") return;
      lock = await navigator.wakeLock.request("screen").catch(() => undefined);
      if (over) void lock?.release();
    };
    const again = () => void hold();
    again();
    document.addEventListener("visibilitychange", again);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, [on]);
}
