// A farmer's page: who it is, and the plots of the household.
import { useLocation } from "wouter-preact";
import { book } from "../app";
import { newRecord } from "../forms/begin";
import { RecordLine } from "../parts/line";
import { Details, Missing, Removed } from "../parts/record";
import { Review, Twin } from "../parts/review";
import { Conflicts } from "../parts/rivals";
import { StateMark } from "../parts/state";
import { Top } from "../parts/top";
import { useMeasure } from "../map/area";
import { cropsOf, titleOf } from "../records/show";
import { sayNumber, t } from "../words";

export function FarmerPage({ id }: { id: string }) {
  const [, go] = useLocation();
  const measure = useMeasure();
  void book().revision.value;
  const farmer = book().get(id);
  if (!farmer) return <Missing />;
  if (farmer.deleted) return <Removed record={farmer} />;
  const plots = book().referring(id, "plot");
  return (
    <div class="screen">
      <Top title={titleOf(farmer)} under={[farmer.fields["village"], farmer.fields["phone"]].filter(Boolean).join(" · ")} back="/find" />
      <main>
        <p>
          <StateMark state={farmer.state} record={farmer} word />
        </p>
        <Review record={farmer} />
        <Twin record={farmer} />
        <Conflicts record={farmer} />
        <section>
          <h2>{t("Plots")}</h2>
          {plots.map((plot) => {
            const area = measure?.(plot.fields["boundary"]) ?? null;
            return (
              <RecordLine
                key={plot.id}
                record={plot}
                under={[area !== null && `${sayNumber(area)} ha`, cropsOf(plot)].filter(Boolean).join(" · ")}
              />
            );
          })}
          {!plots.length && <p class="empty">{t("No plot yet. Register the first one below.")}</p>}
        </section>
        <Details record={farmer} />
      </main>
      <footer class="actions">
        <button type="button" data-test="correct" onClick={() => go(`/edit/farmer/${id}`)}>
          {t("Correct")}
        </button>
        <button class="do" type="button" data-test="new-plot" onClick={() => void newRecord("plot", { farmer: id }).then(go)}>
          {t("New plot")} +
        </button>
      </footer>
    </div>
  );
}
