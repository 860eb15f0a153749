// A boundary while it is drawn: its corners and how each was found, each step on disk at once and to be taken back, the walk that
// adds to it or makes another. Must never lose a fix of the walk that made what stands there, nor change a neighbour's plot.
import { useRef, useState } from "preact/hooks";
import { book } from "../app";
import type { Own } from "../store/beside";
import { same } from "../store/overlay";
import type { Draft, Json } from "../store/types";
import { isSame, open, rounded, type Position } from "./ring";
import { onto, sharing, snap, type Neighbour } from "./snap";
import { averaged, believed, doubts, isThere, steps, thinned, type Corner, type Fix } from "./walk";

export type Way = "tapped" | "walked" | "point";

export interface Drawing {
  way: Way;
  corners: Corner[];
  chosen: number | null;
  walking: boolean;
  track: Fix[];
  canUndo: boolean;
  /** Whether a walk stands there that was not saved yet: it was paused, or the app was ended in the midst of it. */
  canWalkOn: boolean;
  choose(way: Way): void;
  select(corner: number | null): void;
  tap(at: Position, reach: number): void;
  move(place: number, at: Position, reach: number): void;
  add(after: number, at: Position, reach: number): void;
  remove(place: number): void;
  undo(): void;
  share(neighbour: Neighbour, within: number): void;
  /** A corner where one stands; it gets better for as long as one stands there. False: the fix is too unsure. */
  stand(fix: Fix): boolean;
  /** Walk: on from the walk that stands there, or *anew*, in place of what stands there. */
  begin(anew: boolean): void;
  pause(): void;
  /** A new fix: kept, and part of the walk or of the corner that one stands at. */
  take(fix: Fix): void;
}

/** What is drawn here; the rest of the form may stand open elsewhere. */
const DRAWN: Own = { fields: new Set(["boundary", "capture", "corners", "track", "accuracy_m", "doubts"]), photos: new Set() };

/** What a step is taken back to. */
interface Stood {
  corners: Corner[];
  way: Way;
  track: Fix[];
}

export function useDrawing(kept: Draft, near: (at: Position) => Neighbour[]): Drawing {
  const [way, setWay] = useState<Way>(wayOf(kept.typed));
  // Steps that were not thinned: the app was ended in the midst of a walk.
  const [corners, setCorners] = useState<Corner[]>(() => thinnedOnce(cornersOf(kept.typed)));
  const [past, setPast] = useState<Stood[]>(() => savedBefore(kept));
  const [chosen, setChosen] = useState<number | null>(null);
  const [walking, setWalking] = useState(false);
  const draft = useRef(kept);
  const track = useRef<Fix[]>(trackOf(kept.typed));
  /** The fixes of the corner that one stands at; where the leg that is walked began in the track, and the corners before it. */
  const spot = useRef<Fix[]>([]);
  const leg = useRef({ from: 0, before: [] as Corner[] });
  /** A walk has begun in place of what stood there, and has no corner yet: on disk the old one stands until it has. */
  const replacing = useRef(false);
  const now = useRef({ way, corners, walking });
  now.current = { way, corners, walking };

  // A value of its own: what stands there is another one by the time it is put.
  const remembered = ({ corners: stood, way: drawn } = now.current) => setPast((before) => [...before, { corners: stood, way: drawn, track: track.current }]);
  const put = (next: Corner[], remember = true) => {
    if (remember) remembered();
    now.current.corners = next;
    setCorners(next);
    keep();
  };
  const keep = () => {
    const { corners: points } = now.current;
    const how = wayThatMade(now.current.way, points);
    const found = how === "walked" ? doubts(track.current) : [];
    const sure = Math.max(-1, ...points.map((each) => each.accuracy_m ?? -1));
    const typed: Record<string, Json> = { ...draft.current.typed, boundary: geometryOf(points, how), capture: how, corners: points.length ? points.map(asJson) : null };
    if (track.current.length) typed["track"] = track.current as unknown as Json;
    else if (typed["track"] !== undefined) typed["track"] = null;
    if (sure >= 0 || typed["accuracy_m"] !== undefined) typed["accuracy_m"] = sure >= 0 ? sure : null;
    if (found.length || typed["doubts"] !== undefined) typed["doubts"] = found.length ? found : null;
    draft.current = { ...draft.current, typed, changedAt: Date.now() };
    void book().putDraft(draft.current, DRAWN);
  };
  /** Who chose to walk and has not, or has taken the walk back, has tapped what stands there. */
  const wayThatMade = (chosenWay: Way, points: Corner[]): Way => {
    const isTapped = points.length > 0 && !track.current.length && points.every(({ how }) => how === "tapped" || how === "shared");
    return chosenWay === "walked" && isTapped && draft.current.opened?.["capture"] !== "walked" ? "tapped" : chosenWay;
  };
  /** Put a corner at *at*, onto a neighbour's line where one is within *reach* metres. */
  const placed = (points: Corner[], place: number, at: Position, reach: number): Corner[] => {
    const made = points.map((each, number): Corner => (number === place ? { at: rounded(at), how: "tapped" } : each));
    const line = reach > 0 ? snap(at, near(at), reach) : null;
    return line && !points.some((each, number) => number !== place && isSame(each.at, line.at)) ? onto(made, place, line) : made;
  };
  const leaveSpot = () => (spot.current = []);
  const undo = () => {
    const last = past.at(-1);
    if (!last) return;
    leaveSpot();
    setChosen(null);
    setPast(past.slice(0, -1));
    if (way === "point" || last.way === "point") {
      setWay(last.way);
      now.current.way = last.way;
    }
    // A walk that is taken back is not how this boundary was found.
    track.current = last.track;
    put(last.corners, false);
  };

  const tap = (at: Position, reach: number) => {
    if (walking) return;
    leaveSpot();
    if (way === "point") return put([{ at: rounded(at), how: "tapped" }]);
    // Whoever cannot drag chooses a corner and taps where it goes.
    if (chosen !== null) {
      setChosen(null);
      return put(placed(corners, chosen, at, reach));
    }
    if (way === "tapped") put(placed([...now.current.corners, { at, how: "tapped" }], now.current.corners.length, at, reach));
  };

  return {
    way,
    corners,
    chosen,
    walking,
    track: track.current,
    canUndo: past.length > 0 && !walking,
    canWalkOn: corners.length > 0 && track.current.length > 0 && !isSameWalk(track.current, trackOf(kept.opened ?? {})),
    choose(next) {
      leaveSpot();
      setChosen(null);
      const lets = next === "point" && (corners.length > 1 || track.current.length > 0);
      // The way is taken back with the corners: else they would stand there and a point be saved.
      if (lets) remembered();
      setWay(next);
      now.current.way = next;
      if (lets) track.current = [];
      if (lets) put(corners.slice(0, 1), false);
      else if (corners.length) keep();
    },
    select: (corner) => setChosen(corner === chosen ? null : corner),
    tap,
    move(place, at, reach) {
      leaveSpot();
      put(way === "point" ? [{ at: rounded(at), how: "tapped" }] : placed(now.current.corners, place, at, reach));
    },
    add(after, at, reach) {
      leaveSpot();
      const points = now.current.corners;
      setChosen(null);
      put(placed([...points.slice(0, after + 1), { at, how: "tapped" }, ...points.slice(after + 1)], after + 1, at, reach));
    },
    remove(place) {
      leaveSpot();
      setChosen(null);
      put(corners.filter((_each, number) => number !== place));
    },
    undo,
    share(neighbour, within) {
      setChosen(null);
      put(sharing(corners, neighbour, within));
    },
    stand(fix) {
      if (!believed(fix)) return false;
      spot.current = [fix];
      const corner = averaged(spot.current);
      if (way === "point") put([corner]);
      else put([...now.current.corners.filter((each, place, all) => !(walking && each.raw && place === all.length - 1 && isThere([fix], fixAt(each)))), corner], !walking);
      leg.current = { from: track.current.length, before: now.current.corners };
      return true;
    },
    begin(anew) {
      leaveSpot();
      setChosen(null);
      remembered();
      if (anew) {
        replacing.current = corners.length > 0;
        track.current = [];
        now.current.corners = [];
        setCorners([]);
      }
      leg.current = { from: track.current.length, before: now.current.corners };
      setWalking(true);
    },
    pause() {
      setWalking(false);
      now.current.walking = false;
      leaveSpot();
      // A walk that came to nothing leaves what stood there.
      if (!now.current.corners.length && replacing.current) undo();
      else put(thinned(now.current.corners), false);
      replacing.current = false;
    },
    take(fix) {
      if (walking) track.current = [...track.current, fix];
      const onSpot = spot.current.length > 0 && believed(fix) && isThere(spot.current, fix);
      if (onSpot) {
        spot.current = [...spot.current, fix];
        put([...now.current.corners.slice(0, -1), averaged(spot.current)], false);
        leg.current = { from: track.current.length, before: now.current.corners };
      } else {
        leaveSpot();
        const found = walking ? [...leg.current.before, ...steps(track.current.slice(leg.current.from))] : [];
        if (walking && (found.length || !replacing.current)) put(found, false);
      }
    },
  };
}

const thinnedOnce = (corners: Corner[]) => (corners.some((each) => each.raw) ? thinned(corners) : corners);

const fixAt = ({ at, accuracy_m }: Corner): Fix => ({ at: "", point: { type: "Point", coordinates: at }, accuracy_m: accuracy_m ?? 0 });

const trackOf = (fields: Draft["typed"]) => (fields["track"] as unknown as Fix[] | null | undefined) ?? [];

/** By its length and its end: a walk is thousands of fixes, and this is asked with each of them. */
const isSameWalk = (one: readonly Fix[], other: readonly Fix[]) => one.length === other.length && one.at(-1)?.at === other.at(-1)?.at;

/** The boundary that the record had when its form was opened, where another one stands in the form: undo leads back to it. */
function savedBefore({ typed, opened }: Draft): Stood[] {
  if (!opened?.["boundary"] || same(typed["boundary"], opened["boundary"])) return [];
  return [{ corners: cornersOf(opened), way: wayOf(opened), track: trackOf(opened) }];
}

function wayOf(fields: Draft["typed"]): Way {
  const how = fields["capture"];
  return how === "walked" || how === "point" ? how : "tapped";
}

interface Stored {
  point?: { coordinates?: Position };
  how?: Corner["how"];
  accuracy_m?: number;
  fixes?: number;
  raw?: true;
}

function asJson({ at, ...rest }: Corner): Json {
  return { point: { type: "Point", coordinates: at }, ...rest } as unknown as Json;
}

/** The corners of the boundary that stands, each with what is known of it: two people may have changed the one and the other. */
function cornersOf(fields: Draft["typed"]): Corner[] {
  const shape = fields["boundary"] as { type?: string; coordinates?: unknown } | undefined | null;
  const places = shape?.type === "Point" ? [shape.coordinates as Position] : shape?.type === "Polygon" ? open((shape.coordinates as Position[][])[0] ?? []) : [];
  const stored = Array.isArray(fields["corners"]) ? (fields["corners"] as Stored[]) : [];
  const isTwo = stored.length === 2 && shape?.type === "Point" && fields["capture"] !== "point";
  // Two corners are no polygon yet: the boundary has the first, and the corners have both.
  const all = isTwo ? stored.flatMap((each) => (each.point?.coordinates ? [each.point.coordinates] : [])) : places;
  return all.map((at): Corner => {
    const known = stored.find((each) => each.point?.coordinates && isSame(each.point.coordinates, at));
    if (!known) return { at, how: "tapped" };
    const { point: _, ...rest } = known;
    return { how: "tapped", ...rest, at };
  });
}

/** Closed on saving; fewer than three corners are no polygon yet, and stay a point so that nothing is lost. */
function geometryOf(corners: Corner[], way: Way): Json {
  const [first] = corners;
  if (!first) return null;
  if (way === "point" || corners.length < 3) return { type: "Point", coordinates: first.at };
  return { type: "Polygon", coordinates: [[...corners.map((each) => each.at), first.at]] };
}
