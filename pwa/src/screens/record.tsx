// The page of one entry: a harvest, an observation, work done, a task.
import { useLocation } from "wouter-preact";
import { book, tell } from "../app";
import { Details, Missing, Removed } from "../parts/record";
import { Review, Twin } from "../parts/review";
import { Conflicts } from "../parts/rivals";
import { StateMark } from "../parts/state";
import { Photos } from "../parts/photos";
import { Top } from "../parts/top";
import { address, goFrom } from "../place";
import { referenceFields, TYPES } from "../records/declarations";
import { titleOf, typeName } from "../records/show";
import { t } from "../words";

export function RecordPage({ id }: { id: string }) {
  const [, go] = useLocation();
  void book().revision.value;
  const record = book().get(id);
  if (!record) return <Missing />;
  if (record.deleted) return <Removed record={record} />;
  const parent = referenceFields(record.type)
    .map((name) => book().meant(record.fields[name]))
    .find(Boolean);
  const up = parent ? `/${parent.type}/${parent.id}` : "/";
  const remove = async () => {
    const page = address();
    await book().remove(record);
    tell(t("Deleted on this phone"), () => book().restore(id));
    goFrom(page, up);
  };
  return (
    <div class="screen">
      <Top title={titleOf(record)} under={parent ? `${typeName(record.type)} · ${titleOf(parent)}` : typeName(record.type)} back={up} />
      <main>
        <p>
          <StateMark state={record.state} record={record} word />
        </p>
        <Review record={record} />
        <Twin record={record} />
        <Conflicts record={record} />
        {record.type !== "photo" && <Photos record={record} />}
        <Details record={record} opened />
      </main>
      <footer class="actions">
        <button type="button" class="needs" data-test="delete" onClick={() => void remove()}>
          {t("Delete")}
        </button>
        {TYPES[record.type] && (
          <button class="do" type="button" data-test="correct" onClick={() => go(`/edit/${record.type}/${id}`)}>
            {t("Correct")}
          </button>
        )}
      </footer>
    </div>
  );
}
