// What is said beside a boundary that is drawn: how large it is, how sure a corner is, and what should be looked at again.
import type { Drawing, Way } from "../map/drawing";
import { areaHa } from "../map/geometry";
import type { Overlap } from "../map/overlap";
import { away } from "../map/ring";
import { nearLine, type Neighbour } from "../map/snap";
import { doubts, WAIT_M, WARN_M, type Corner, type Doubt, type Fix } from "../map/walk";
import { AREA_WITHIN } from "../records/check";
import type { Json } from "../store/types";
import { sayNumber, t } from "../words";

const ALONG_M = 5; // metres beside a neighbour's line: what a phone is off under open sky

const LEAST = 3; // corners of a boundary

export function Measure({ drawing: { way, walking, corners }, fix, declared }: { drawing: Drawing; fix: Fix | null; declared: Json | undefined }) {
  const places = corners.map((each) => each.at);
  const ha = way === "point" || places.length < LEAST ? null : areaHa(places);
  return (
    <>
      <p class={ha === null && way !== "point" ? "next-step" : "large"}>
        <span data-test="drawn-area">{ha === null ? nextStep(way, walking, places.length) : `${sayNumber(ha, 4)} ha`}</span>
        {ha ? <small> {sayNumber(ha * 10_000, 0)} m²</small> : null}
      </p>
      <p class="quiet">
        {t("{count} corners", { count: places.length })}
        {fix && ` · GPS ± ${Math.round(fix.accuracy_m)} m`}
      </p>
      {ha && typeof declared === "number" && declared > 0 ? <Declared ha={ha} declared={declared} /> : null}
    </>
  );
}

/** What is to be done next, where there is no area yet. */
function nextStep(way: Way, walking: boolean, count: number): string {
  if (way === "point") return count ? t("A point, no area") : t("Tap where the plot is");
  if (walking) return t("Walk once round the plot. Press “Corner here” at each turn.");
  if (count) return t("A boundary has at least three corners: {count} more.", { count: LEAST - count });
  return way === "walked"
    ? t("Stand at the edge of the plot, press “Begin to walk”, and walk once round it.")
    : t("Tap each corner of the plot on the map. Or go to a corner and press “My place”.");
}

function Declared({ ha, declared }: { ha: number; declared: number }) {
  const share = ha / declared - 1;
  const words = { area: sayNumber(declared, 4), percent: sayNumber(Math.abs(share) * 100, 0) };
  const differs = Math.abs(share) * 100 > AREA_WITHIN;
  return (
    <p class={differs ? "warning" : "hint"} data-test="declared">
      {share < 0 ? t("declared: {area} ha; this is {percent} % less", words) : t("declared: {area} ha; this is {percent} % more", words)}
      {differs && <>. {t("Ask again which land the declared area means.")}</>}
    </p>
  );
}

/** One corner, and what can be done with it where it was chosen. */
export function CornerLine({ corner, place, count, onRemove, onLeave }: { corner: Corner | undefined; place: number; count: number; onRemove?: () => void; onLeave?: () => void }) {
  if (!corner) return null;
  return (
    <div data-test="corner">
      <p class="hint" role="status" data-test="corner-words">
        {t("Corner {number} of {count}", { number: place + 1, count })}: {howWords(corner)}
      </p>
      {onRemove && (
        <>
          <p class="hint">{t("Drag it, or tap on the map where it belongs.")}</p>
          <div class="row">
            <button type="button" class="needs" onClick={onRemove} data-test="delete-corner">
              {t("Delete this corner")}
            </button>
            <button type="button" onClick={onLeave} data-test="leave-corner">
              {t("Leave it")}
            </button>
          </div>
        </>
      )}
    </div>
  );
}

function howWords({ how, accuracy_m, fixes }: Corner): string {
  const metres = accuracy_m === undefined ? "?" : sayNumber(accuracy_m, 1);
  if (how === "stood") return t("mean of {fixes} fixes, ± {metres} m. It gets better while you stand still.", { fixes: fixes ?? 1, metres });
  if (how === "walked") return t("walked, ± {metres} m", { metres });
  return how === "shared" ? t("on a neighbour's line") : t("tapped on the map");
}

interface Said {
  drawing: Drawing;
  words: string;
  crossed: boolean;
  gaps: [Fix, Fix][];
  overlaps: Overlap[];
  neighbours: Neighbour[];
}

export function Warnings({ drawing, words, crossed, gaps, overlaps, neighbours }: Said) {
  const { corners, way, walking, track, share } = drawing;
  const found = way === "walked" ? doubts(track) : [];
  const beside = walking || way === "point" ? [] : neighbours.filter((each) => nearLine(corners, each, ALONG_M) > 1);
  return (
    <>
      {gaps.length > 0 && (
        <p class="warning" role="status" data-test="gaps">
          {t("Not seen while you walked: {gaps}. It is drawn dotted. Where the boundary is not straight there, go back and walk that piece again.", {
            gaps: gaps.map(gapWords).join(", "),
          })}
        </p>
      )}
      {found.length > 0 && (
        <p class="warning" role="status" data-test="doubts">
          {t("These positions look made up: {why}. They are kept and marked, and the manager sees it. A browser cannot know for certain.", { why: found.map(doubtWords).join(", ") })}
        </p>
      )}
      <p class="warning" role="status" data-test="boundary-words">
        {crossed ? t("The boundary crosses itself. Move a corner, or keep it and look at it later.") : words}
      </p>
      {overlaps.map(({ neighbour, m2 }) => (
        <p class="warning" role="status" key={neighbour.id} data-test="overlap">
          {t("{area} m² of it are also in {plot}. Move the line, or keep it and tell the manager in a note.", { area: sayNumber(m2, 0), plot: neighbour.name })}
        </p>
      ))}
      {beside.map((each) => (
        <button type="button" class="wide" key={each.id} onClick={() => share(each, ALONG_M)} data-test="share-line">
          {t("Share the line with {plot}", { plot: each.name })}
        </button>
      ))}
      {way === "walked" && (
        <details class="details">
          <summary>{t("How sure is GPS?")}</summary>
          <p class="hint">
            {t("Under an open sky a phone is within about 5 m of where it says it is (gps.gov). From {warn} m on this is said; above {wait} m the walk waits, because satellites are not worse than that. All fixes are kept, also those that are not believed.", { warn: WARN_M, wait: WAIT_M })}
          </p>
        </details>
      )}
    </>
  );
}

/** How long and how far a walk was not seen: 45 s, 60 m. */
function gapWords([before, after]: [Fix, Fix]): string {
  const far = Math.round(away(before.point.coordinates, after.point.coordinates));
  const seconds = Math.round((Date.parse(after.at) - Date.parse(before.at)) / 1000);
  return `${far} m (${seconds} s)`;
}

function doubtWords(doubt: Doubt): string {
  if (doubt === "same_accuracy") return t("their accuracy never changes");
  return doubt === "no_jitter" ? t("their steps are like a ruler's") : t("nobody walks so fast");
}
