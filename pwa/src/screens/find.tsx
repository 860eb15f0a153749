// Farmers and plots in one list; search folds marks and case.
import { useMemo, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { book } from "../app";
import { newRecord } from "../forms/begin";
import { RecordLine } from "../parts/line";
import { Top } from "../parts/top";
import { cropsOf } from "../records/show";
import type { Shown } from "../store/types";
import { collator, fold, t } from "../words";

const AT_ONCE = 60;

export function Find() {
  const [, go] = useLocation();
  const [wish, setWish] = useState("");
  const [most, setMost] = useState(AT_ONCE);
  const revision = book().revision.value;
  const rows = useMemo(allRows, [revision]);
  const words = fold(wish).split(/\s+/).filter(Boolean);
  const found = words.length ? rows.filter((row) => words.every((word) => row.text.includes(word))) : rows;
  return (
    <div class="screen">
      <Top title={t("Find")} back="/" />
      <main>
        <label class="search">
          <span class="hidden">{t("Name, village, phone or code")}</span>
          <input
            type="search"
            data-test="search"
            placeholder={t("Name, village, phone or code")}
            value={wish}
            onInput={(event) => {
              setWish(event.currentTarget.value);
              setMost(AT_ONCE);
            }}
          />
        </label>
        <p class="quiet" aria-live="polite">
          {t("{count} found", { count: found.length })}
        </p>
        {found.slice(0, most).map((row) => (
          <RecordLine key={row.record.id} record={row.record} under={row.under} />
        ))}
        {found.length > most && (
          <button type="button" onClick={() => setMost(most + AT_ONCE)}>
            {t("Show more")}
          </button>
        )}
        {!rows.length && <p class="empty">{t("Farmers and plots stand here once you register one, or once the centre has sent them.")}</p>}
      </main>
      <footer class="actions">
        <button class="do" type="button" onClick={() => void newRecord("farmer", {}, wish).then(go)}>
          {t("New farmer")} +
        </button>
      </footer>
    </div>
  );
}

interface Row {
  record: Shown;
  under: string;
  text: string;
}

function allRows(): Row[] {
  const farmers = book().all("farmer");
  const plots = book().all("plot");
  const rows = [...farmers.map(farmerRow), ...plots.map(plotRow)];
  const order = collator();
  return rows.sort((one, other) => order.compare(String(one.record.fields["name"]), String(other.record.fields["name"])));
}

function farmerRow(record: Shown): Row {
  const { name, village, phone, id_number } = record.fields;
  const under = [t("Farmer"), village, phone].filter(Boolean).join(" · ");
  return { record, under, text: fold([name, village, phone, String(phone ?? "").replace(/\D/g, ""), id_number].join(" ")) };
}

function plotRow(record: Shown): Row {
  const { name, village, puc, certificate, farmer } = record.fields;
  const owner = book().meant(farmer)?.fields["name"];
  const under = [t("Plot"), owner, village, cropsOf(record)].filter(Boolean).join(" · ");
  return { record, under, text: fold([name, village, puc, certificate, owner, cropsOf(record)].join(" ")) };
}
