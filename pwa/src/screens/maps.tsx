// The maps that an area has: which are on this phone, how large the others are, and what they leave of its room.
import { useEffect, useState } from "preact/hooks";
import { book, boot, storage, tell } from "../app";
import { isOnline, putOnline } from "../map/online";
import { coming, offers, rest, start, type Coming } from "../map/coming";
import type { Trouble } from "../map/fetching";
import { loadStyle } from "../map/load";
import { begun, bytesHere, remove, type Offer, type Pack } from "../map/packs";
import { Top } from "../parts/top";
import { storageState } from "../store/storage";
import { sayBytes, sayNumber, t } from "../words";

interface Kept {
  pack: Pack;
  bytes: number;
}

export function MapsPage() {
  const [offered, setOffered] = useState<{ maps: Offer[]; isNew: boolean } | null>(null);
  const [kept, setKept] = useState<Map<string, Kept>>(new Map());
  const [trouble, setTrouble] = useState("");
  const now = coming.value;
  const areas = book().areas.value;
  const look = async () => {
    try {
      const all = await Promise.all((await begun()).map(async (pack) => [pack.id, { pack, bytes: await bytesHere(pack) }] as const));
      setKept(new Map(all));
      storage.value = await storageState();
    } catch {
      setTrouble(t("The maps on this phone cannot be read. The records are not touched by that."));
    }
  };
  useEffect(() => void loadStyle(), []);
  useEffect(() => void look(), [now?.id, now?.isOver]);
  useEffect(() => {
    let alive = true;
    void offers().then((found) => alive && setOffered(found), () => alive && setOffered({ maps: [], isNew: false }));
    return () => void (alive = false);
  }, []);

  const mine = [...new Map([...(offered?.maps ?? []), ...[...kept.values()].map((each) => each.pack)].map((each) => [each.id, each])).values()].filter((each) => each.area in areas);
  const others = [...kept.values()].filter(({ pack }) => !(pack.area in areas));
  const { freeBytes } = storage.value;
  const away = async (pack: Offer) => {
    await remove(pack.id);
    if (coming.value?.id === pack.id) coming.value = null;
    tell(t("The map was deleted from this phone; its room is free again."));
    await look();
  };
  return (
    <div class="screen">
      <Top title={t("Maps to keep")} under={t("They work without a signal")} back="/map" />
      <main>
        {freeBytes !== null && (
          <p class="quiet" data-test="free">
            {t("Free for Nương: {size}", { size: sayBytes(freeBytes) })}
          </p>
        )}
        {trouble && (
          <p class="fault" role="alert">
            {trouble}
          </p>
        )}
        {mine.map((each) => (
          <MapLine key={each.id} offer={each} area={areas[each.area]?.name ?? ""} kept={kept.get(each.id)} now={now} onRemove={() => void away(each)} />
        ))}
        {offered && !mine.length && (
          <p class="empty" data-test="none">
            {offered.isNew
              ? t("Your areas have no map yet. An administrator hands them in at the console, and they stand here then.")
              : t("What maps there are is known once the phone reaches the centre.")}
          </p>
        )}
        {!offered && <p class="quiet">{t("Asking the centre which maps there are…")}</p>}
        {offered && !offered.isNew && mine.length > 0 && <p class="quiet">{t("The centre does not answer: this is what it last offered.")}</p>}
        {others.length > 0 && (
          <section>
            <h2>{t("Of areas that are not yours")}</h2>
            {others.map(({ pack, bytes }) => (
              <div class="map-line" key={pack.id}>
                <p>{t("A map of {size} MB", { size: megabytes(bytes) })}</p>
                <button type="button" onClick={() => void away(pack)}>
                  {t("Delete from this phone")}
                </button>
              </div>
            ))}
          </section>
        )}
        {boot.tiles && <Online />}
      </main>
    </div>
  );
}

function MapLine({ offer, area, kept, now, onRemove }: { offer: Offer; area: string; kept: Kept | undefined; now: Coming | null; onRemove(): void }) {
  const [asks, setAsks] = useState(false);
  const own = now?.id === offer.id ? now : null;
  const bytes = own ? Math.max(own.bytes, kept?.bytes ?? 0) : (kept?.bytes ?? 0);
  const isWhole = kept?.pack.complete ?? false;
  const isComing = !!own && !own.isOver;
  return (
    <div class="map-line" data-test="map-line">
      <h2>{offer.name}</h2>
      <p class="quiet">
        {area} · {offer.tiles === "mvt" ? t("drawn map") : t("picture from above")} · {t("{size} MB", { size: megabytes(offer.size) })}
      </p>
      {isWhole ? (
        <p class="there" data-test="map-state">
          ● {t("On this phone")}
        </p>
      ) : bytes > 0 || own ? (
        <>
          <progress max={offer.size} value={bytes} aria-label={offer.name} />
          <p class={own?.isOver ? "warning" : "hint"} role="status" data-test="map-state">
            {t("{got} of {all} MB are here.", { got: megabytes(bytes), all: megabytes(offer.size) })} {own?.trouble && troubleWords(own.trouble, !!own.isOver)}
          </p>
        </>
      ) : null}
      {kept && asks && !isComing && (
        <>
          <p class="warning" role="status" data-test="sure">
            {t("Delete {size}? To have the map again, all of it must come over the network once more.", { size: sayBytes(bytes) })}
          </p>
          <div class="pair">
            <button type="button" class="needs" data-test="delete-map-now" onClick={() => (setAsks(false), onRemove())}>
              {t("Delete")}
            </button>
            <button type="button" data-test="keep-map" onClick={() => setAsks(false)}>
              {t("Keep it")}
            </button>
          </div>
        </>
      )}
      <div class="row">
        {!isWhole && !isComing && (
          <button type="button" class="do" disabled={!!now && !now.isOver} data-test="fetch-map" onClick={() => void start(offer)}>
            {bytes > 0 ? t("Go on") : t("Take it onto this phone ({size} MB)", { size: megabytes(offer.size) })}
          </button>
        )}
        {isComing && (
          <button type="button" data-test="rest-map" onClick={rest}>
            {t("Pause")}
          </button>
        )}
        {kept && !isComing && !asks && (
          <button type="button" data-test="delete-map" onClick={() => setAsks(true)} aria-label={t("Delete {name} from this phone", { name: offer.name })}>
            {t("Delete from this phone")}
          </button>
        )}
      </div>
    </div>
  );
}

/** A map that is asked for while it is looked at: only for who wants that, and knows what it costs. */
function Online() {
  const [on, setOn] = useState(isOnline());
  return (
    <section>
      <h2>{t("Online map")}</h2>
      <p class="hint">
        {t("Drawn only while there is a signal. It costs data, and {whose} learns which places you look at.", { whose: new URL(boot.tiles!.replace(/[{}]/g, "")).host })}
      </p>
      <button
        type="button"
        aria-pressed={on}
        data-test="online"
        onClick={() => {
          putOnline(!on);
          setOn(isOnline());
        }}
      >
        {on ? t("On: switch it off") : t("Off: switch it on")}
      </button>
    </section>
  );
}

function troubleWords(trouble: Trouble, isOver: boolean): string {
  switch (trouble) {
    case "no_room":
      return t("There is not enough room for it. Free some space on the phone, then go on.");
    case "signed_out":
      return t("Sign in again first; the sync page says how.");
    case "gone":
      return t("The centre does not offer this map any more.");
    case "damaged":
      return t("It arrives damaged, again and again. Tell whoever runs the centre.");
    case "busy":
      return isOver ? t("The centre is busy. Go on later.") : t("The centre is busy; the next try comes by itself.");
    default:
      return isOver ? t("The link is cut. Go on when there is a signal; nothing that came is lost.") : t("The link is cut; the next try comes by itself.");
  }
}

const megabytes = (bytes: number) => sayNumber(bytes / 1_000_000, bytes < 10_000_000 ? 1 : 0);
