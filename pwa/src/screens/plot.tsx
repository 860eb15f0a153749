// A plot's page: its shape, what grows there, and everything recorded on it, newest first.
import { useLocation } from "wouter-preact";
import { book } from "../app";
import { newRecord } from "../forms/begin";
import { justSaved } from "../forms/last";
import { RecordLine } from "../parts/line";
import { Details, Missing, Removed } from "../parts/record";
import { ShapePicture } from "../parts/shape";
import { Conflicts } from "../parts/rivals";
import { StateMark } from "../parts/state";
import { Photos } from "../parts/photos";
import { Review, Twin } from "../parts/review";
import { Top } from "../parts/top";
import { sentenceOf } from "../parts/warnings";
import { useMeasure } from "../map/area";
import { cropsOf, titleOf } from "../records/show";
import { freeFrom } from "../records/check";
import { cropsOn } from "../records/lists";
import { kilograms } from "../records/weight";
import type { Json, Shown } from "../store/types";
import { localDay, sayDay, sayNumber, t } from "../words";

const DAY: Record<string, string> = { harvest: "date", observation: "at", activity: "date", task: "due" };

export function PlotPage({ id }: { id: string }) {
  const [, go] = useLocation();
  const measure = useMeasure();
  void book().revision.value;
  const plot = book().get(id);
  if (!plot) return <Missing />;
  if (plot.deleted) return <Removed record={plot} />;
  const farmer = book().meant(plot.fields["farmer"]);
  const area = measure ? measure(plot.fields["boundary"]) : undefined;
  const declared = plot.fields["declared_area_ha"];
  const entries = book().referring(id).filter((each) => each.type !== "photo").sort(newestFirst);
  const closed = closedBy(entries, cropsOn(plot));
  const add = (type: string) => void newRecord(type, { plot: id }).then(go);
  return (
    <div class="screen">
      <Top
        title={titleOf(plot)}
        under={
          farmer ? (
            <a href={`#/farmer/${farmer.id}`}>{[farmer.fields["name"], plot.fields["village"] ?? farmer.fields["village"]].filter(Boolean).join(" · ")}</a>
          ) : (
            t("The farmer has not arrived yet")
          )
        }
        back={farmer ? `/farmer/${farmer.id}` : "/find"}
      />
      <main>
        <section class="land">
          <ShapePicture geometry={plot.fields["boundary"]} label={t("Shape of the plot")} />
          <div>
            <p class="large" data-test="area">
              {area === undefined ? "…" : area !== null ? `${sayNumber(area)} ha` : plot.fields["boundary"] ? t("A point, no area") : t("Not measured yet")}
            </p>
            {typeof declared === "number" && <p class="quiet">{t("declared: {area} ha", { area: sayNumber(declared) })}</p>}
            <p>{cropsOf(plot)}</p>
            <Season entries={entries} area={area ?? (typeof declared === "number" ? declared : null)} />
            <StateMark state={plot.state} record={plot} word />
          </div>
        </section>
        {closed && (
          <p class="warning" data-test="not-free">
            {sentenceOf("harvest", "not_free", closed)}
          </p>
        )}
        <Review record={plot} />
        <Twin record={plot} />
        <Conflicts record={plot} />
        <section>
          <h2>{t("Recorded here")}</h2>
          {entries.map((each) => (
            <RecordLine key={each.id} record={each} day={dayOf(each) && sayDay(dayOf(each))} />
          ))}
          {!entries.length && <p class="empty">{t("Nothing yet. The buttons below record a harvest, a pest or disease, or work done.")}</p>}
        </section>
        <Photos record={plot} />
        <Details record={plot} />
      </main>
      <footer class="actions">
        <button class="do" type="button" data-test="new-harvest" onClick={() => add("harvest")}>
          {t("Harvest")}
        </button>
        <button class="do" type="button" data-test="new-observation" onClick={() => add("observation")}>
          {t("Pest")}
        </button>
        <button type="button" data-test="new-activity" onClick={() => add("activity")}>
          {t("Work")}
        </button>
        <button type="button" data-test="correct" onClick={() => go(`/edit/plot/${id}`)}>
          {t("Correct")}
        </button>
      </footer>
    </div>
  );
}

function dayOf(record: Shown): string {
  return String(record.fields[DAY[record.type] ?? ""] ?? "");
}

/** By day, but what was saved just now on top: there its author looks for it. */
function newestFirst(one: Shown, other: Shown): number {
  if (one.id === justSaved.value || other.id === justSaved.value) return one.id === justSaved.value ? -1 : 1;
  return dayOf(other).localeCompare(dayOf(one));
}

/** The spray that keeps a plot from being picked longest, from today on. */
function closedBy(entries: Shown[], crops: string[]): Record<string, Json> | undefined {
  const [last] = entries
    .filter((each) => each.type === "activity")
    .map(({ fields, ...each }) => ({ product: fields["product"] ?? fields["ingredient"] ?? "", kind: fields["kind"] ?? null, free: freeFrom({ ...each, fields }, crops) ?? "" }))
    .filter((each) => each.free > localDay())
    .sort((one, other) => other.free.localeCompare(one.free));
  return last;
}

/** What the last twelve months brought, in tonnes and tonnes a hectare. */
function Season({ entries, area }: { entries: Shown[]; area: number | null }) {
  const since = new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 10);
  const tonnes = entries
    .filter((each) => each.type === "harvest" && dayOf(each) >= since)
    .reduce((sum, each) => sum + (kilograms(each) ?? 0) / 1000, 0);
  if (!tonnes) return null;
  return (
    <p class="quiet">
      {t("12 months: {tonnes} t", { tonnes: sayNumber(tonnes) })}
      {area ? ` · ${sayNumber(tonnes / area, 1)} t/ha` : ""}
    </p>
  );
}
