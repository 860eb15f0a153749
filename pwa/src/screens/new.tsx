// What somebody wants to write down; on which plot or for whom is asked next, nearest first.
import { newRecord } from "../forms/begin";
import { Top } from "../parts/top";
import { go } from "../place";
import { t } from "../words";

export function New() {
  const ways = [
    { type: "harvest", name: t("Harvest"), about: t("How much was picked, of which crop") },
    { type: "observation", name: t("Pest or disease"), about: t("What was seen, or that none was found") },
    { type: "activity", name: t("Work"), about: t("Sprayed, fertilised, pruned") },
    { type: "plot", name: t("New plot"), about: t("A field of a household that is registered") },
  ];
  return (
    <div class="screen">
      <Top title={t("New entry")} back="/" />
      <main class="ways">
        {ways.map(({ type, name, about }) => (
          <a key={type} class="way" href={`#/find?for=${type}`} data-test={`new-${type}`}>
            <b>{name}</b>
            <small>{about}</small>
          </a>
        ))}
        <button type="button" class="way" onClick={() => void newRecord("farmer").then(go)}>
          <b>{t("New farmer")}</b>
          <small>{t("A household that grows")}</small>
        </button>
      </main>
    </div>
  );
}
