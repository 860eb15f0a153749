// Finding farmers and plots: by what is typed, by where one stands, by where one was last, by what grows or is missing there.
// What is asked stands in the address, so that a return finds it as it was.
import { useEffect, useMemo, useState } from "preact/hooks";
import { book } from "../app";
import { right } from "../clock";
import { MISSING, type Hit, type Missing, type Order, type Wish } from "../finding/finder";
import { fix, follow, noFix } from "../finding/near";
import { finderOf } from "../finding/prepared";
import { newRecord } from "../forms/begin";
import { Opening } from "../parts/closed";
import { RecordLine, underOf } from "../parts/line";
import { Top } from "../parts/top";
import { address, arrivals, ask, asked, go } from "../place";
import { localDay, nameOf, sayNumber, sayTime, t } from "../words";

const AT_ONCE = 20;
const YEAR = 365 * 86_400_000;

/** How much of a list was shown, by its address: as much is shown on a return. */
const unfolded = new Map<string, number>();

/** A link to another search, opened where one stands already, begins that search. */
export const Find = () => <Finding key={arrivals.value} />;

function Finding() {
  const [wish, setWish] = useState(wishFromAddress);
  const [most, setMost] = useState(unfolded.get(address()) ?? AT_ONCE);
  // What is being written down, where this page asks on which plot or for whom.
  const [purpose] = useState(() => asked().get("for"));
  useEffect(() => (wish.order === "near" ? follow(book().database) : undefined), [wish.order]);
  const change = (part: Partial<Wish>) => {
    const next = { ...wish, ...part };
    setWish(next);
    setMost(AT_ONCE);
    ask(inAddress(next, purpose));
  };
  const more = () => {
    unfolded.set(address(), most + AT_ONCE);
    setMost(most + AT_ONCE);
  };
  return (
    <div class="screen find">
      <Top title={titleFor(purpose)} back={purpose ? "/new" : "/"} />
      <main>
        <label class="search">
          <span class="hidden">{t("Name, village, phone or code")}</span>
          <input
            type="search"
            data-test="search"
            enterkeyhint="search"
            autocomplete="off"
            placeholder={t("Name, village, phone or code")}
            value={wish.text}
            onInput={(event) => change({ text: event.currentTarget.value })}
          />
        </label>
        <Orders order={wish.order} choose={(order) => change({ order })} />
        <Filters wish={wish} fixed={!!purpose} change={change} />
        {book().whole.value ? <Found wish={wish} most={most} purpose={purpose} more={more} /> : <Opening />}
      </main>
      {(!purpose || purpose === "plot") && (
        <footer class="actions">
          <button class="do" type="button" onClick={() => void newRecord("farmer", {}, wish.text.trim()).then(go)}>
            {t("New farmer")} +
          </button>
        </footer>
      )}
    </div>
  );
}

function titleFor(purpose: string | null): string {
  switch (purpose) {
    case "harvest":
      return t("Harvest: on which plot?");
    case "observation":
      return t("Pest or disease: on which plot?");
    case "activity":
      return t("Work: on which plot?");
    case "plot":
      return t("New plot: whose is it?");
    default:
      return t("Find");
  }
}

function Orders({ order, choose }: { order: Order; choose: (order: Order) => void }) {
  const ways: [Order, string][] = [
    ["recent", t("Recent")],
    ["near", t("Near me")],
    ["name", t("By name")],
  ];
  return (
    <div class="orders" role="group" aria-label={t("Order")}>
      {ways.map(([each, name]) => (
        <button key={each} type="button" class="choice" aria-pressed={order === each} data-test={`order-${each}`} onClick={() => choose(each)}>
          {name}
        </button>
      ))}
    </div>
  );
}

function Filters({ wish, fixed, change }: { wish: Wish; fixed: boolean; change: (part: Partial<Wish>) => void }) {
  const { revision, whole } = book();
  const crops = useMemo(() => (whole.value ? finderOf(book()).crops() : []), [revision.value, whole.value]);
  return (
    <div class="filters">
      {!fixed && (
        <select data-test="filter-type" aria-label={t("What")} value={wish.type ?? ""} onChange={(event) => change({ type: event.currentTarget.value || undefined })}>
          <option value="">{t("All")}</option>
          <option value="farmer">{t("Farmers")}</option>
          <option value="plot">{t("Plots")}</option>
        </select>
      )}
      <select data-test="filter-crop" aria-label={t("Crop")} value={wish.crop ?? ""} onChange={(event) => change({ crop: event.currentTarget.value || undefined })}>
        <option value="">{t("Crop")}</option>
        {[...new Set([...crops, ...(wish.crop ? [wish.crop] : [])])].map((each) => (
          <option key={each} value={each}>
            {nameOf("crop", each)}
          </option>
        ))}
      </select>
      <select
        data-test="filter-missing"
        aria-label={t("What is missing")}
        value={wish.missing ?? ""}
        onChange={(event) => change({ missing: (event.currentTarget.value || undefined) as Missing | undefined })}
      >
        <option value="">{t("Missing")}</option>
        {(fixed ? (["plot"] as const) : (["plot", "farmer"] as const)).map((type) => (
          <optgroup key={type} label={type === "plot" ? t("Plots") : t("Farmers")}>
            {MISSING[type].map((each) => (
              <option key={each} value={each}>
                {missingName(each)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}

function missingName(missing: Missing): string {
  const names: Record<Missing, string> = {
    boundary: t("No boundary"),
    crop: t("No crop"),
    harvest: t("No harvest for 12 months"),
    visit: t("Never visited"),
    phone: t("No phone number"),
    plot: t("No plot"),
    consent: t("No consent"),
  };
  return names[missing];
}

function Found({ wish, most, purpose, more }: { wish: Wish; most: number; purpose: string | null; more: () => void }) {
  void book().revision.value;
  const since = localDay(new Date(Date.now() - YEAR));
  const finder = finderOf(book());
  const hits = finder.find(wish, { here: fix.value?.place ?? null, recent: book().recent.value, since });
  if (!finder.size) return <p class="empty">{t("Farmers and plots stand here once you register one, or once the centre has sent them.")}</p>;
  return (
    <>
      <p class="quiet" role="status" data-test="found">
        {t("{count} found", { count: sayNumber(hits.length) })}
        {wish.order === "near" && <Standing />}
      </p>
      {hits.length > 0 && hits.every((each) => each.isSimilar) && (
        <p class="hint" data-test="similar">
          {t("Nothing matches exactly; similar:")}
        </p>
      )}
      {hits.slice(0, most).map((hit) => (
        <Line key={hit.row.id} hit={hit} purpose={purpose} />
      ))}
      {hits.length > most && (
        <button type="button" class="wide" onClick={more}>
          {t("Show more")}
        </button>
      )}
      {!hits.length && <p class="empty">{purpose && purpose !== "plot" ? t("Nothing fits. Take a word or a filter away.") : t("Nothing fits. Take a word or a filter away, or register the household below.")}</p>}
    </>
  );
}

/** From where the distances are. */
function Standing() {
  const known = fix.value;
  if (known) return <> · {t("from where you stood {time}, ± {metres} m", { time: sayTime(right(known.at)), metres: sayNumber(Math.round(known.accuracy)) })}</>;
  if (noFix.value === "denied") return <> · {t("This phone may not say where it is. Allow it in the browser's settings.")}</>;
  if (noFix.value === "unknown") return <> · {t("This phone does not know where it is. Go under the open sky.")}</>;
  return <> · {t("Looking for where you are…")}</>;
}

function Line({ hit, purpose }: { hit: Hit; purpose: string | null }) {
  const record = book().get(hit.row.id);
  if (!record) return null;
  const parent = purpose === "plot" ? "farmer" : "plot";
  const press = purpose ? () => void newRecord(purpose, { [parent]: record.id }).then(go) : undefined;
  return <RecordLine record={record} under={underOf(record)} day={hit.away === undefined ? undefined : sayDistance(hit.away)} press={press} />;
}

function sayDistance(metres: number): string {
  return metres < 995 ? `${Math.round(metres / 10) * 10} m` : `${sayNumber(metres / 1000, metres < 9950 ? 1 : 0)} km`;
}

function wishFromAddress(): Wish {
  const query = asked();
  const purpose = query.get("for");
  const order = query.get("order");
  const missing = query.get("missing") as Missing | null;
  return {
    text: query.get("q") ?? "",
    type: purpose ? (purpose === "plot" ? "farmer" : "plot") : (query.get("type") ?? undefined),
    crop: query.get("crop") ?? undefined,
    missing: missing && [...MISSING.plot, ...MISSING.farmer].includes(missing) ? missing : undefined,
    order: order === "near" || order === "name" ? order : "recent",
  };
}

function inAddress({ text, type, crop, missing, order }: Wish, purpose: string | null): URLSearchParams {
  const told = { for: purpose, q: text, type: purpose ? undefined : type, crop, missing, order: order === "recent" ? undefined : order };
  return new URLSearchParams(Object.entries(told).filter((pair): pair is [string, string] => !!pair[1]));
}
