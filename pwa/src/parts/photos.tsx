// Pictures: taken for a form, seen on a page. What is on the phone is shown at once; what is not is asked for.
import { useEffect, useRef, useState } from "preact/hooks";
import { boot, book, tell } from "../app";
import { bring } from "../late";
import { right } from "../clock";
import type * as Developing from "../photo/entry";
import { cache, type Taken } from "../store/pictures";
import type { Own } from "../store/beside";
import type { StoredPicture } from "../store/database";
import type { Draft, Photo, Shown } from "../store/types";
import { sayNumber, t } from "../words";

const PLACE_AGE = 60_000; // ms: a position this old still says where the officer stands
const PLACE_WAIT = 3_000; // ms: nobody waits longer for one

interface PhotoFieldProps {
  draft: Draft;
  /** What the form has touched of it. */
  own: Own;
  onChange(update: (photos: Photo[]) => Photo[]): void;
  /** Told while a picture is being kept: the form is not to be saved without it. */
  onBusy(busy: boolean): void;
}

/** The form in which each draft stands open now: not always the one in which a picture was taken. */
const standing = new Map<string, PhotoFieldProps["onChange"]>();

/** The pictures of a form: taken, chosen, noted, taken out. Each is on disk before it is shown. */
export function PhotoField({ draft, own, onChange, onBusy }: PhotoFieldProps) {
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const photos = draft.photos ?? [];
  const now = useRef(draft);
  now.current = draft;
  useEffect(() => {
    standing.set(draft.key, onChange);
    return () => void standing.delete(draft.key);
  }, [draft.key]);
  const be = (busy: boolean) => (setBusy(busy), onBusy(busy));

  const take = async (files: File[]) => {
    be(true);
    setWords("");
    for (const file of files) {
      try {
        const found = await develop(file);
        // With what the form says now: words go on being typed while a picture is made.
        await book().addPicture(found, { draft: { ...now.current, photos: [...(now.current.photos ?? []), found.photo] }, own });
        const here = standing.get(draft.key) ?? onChange;
        here((before) => (before.some((each) => each.id === found.photo.id) ? before : [...before, found.photo]));
        now.current = { ...now.current, photos: [...(now.current.photos ?? []), found.photo] };
      } catch (error) {
        setWords(sentenceOf(error as Error));
      }
    }
    be(false);
  };
  const note = (id: string, caption: string) => onChange((before) => before.map((each) => (each.id === id ? { ...each, caption } : each)));
  const out = (gone: Photo) => {
    void book().letLie([gone]);
    onChange((before) => before.filter((each) => each.id !== gone.id));
    tell(t("Picture taken out"), async () => onChange((before) => [...before, gone]));
  };

  return (
    <div class="field" id="f-photos" tabIndex={-1} data-test="photos">
      <span class="label">{t("Pictures")}</span>
      {photos.map((each) => (
        <div class="photo-row" key={each.id} data-test="photo">
          <Picture sha256={each.preview_sha256} alt={each.caption || t("Picture")} />
          <input
            type="text"
            maxLength={500}
            placeholder={t("What is to be seen?")}
            aria-label={t("What is to be seen?")}
            value={each.caption ?? ""}
            onInput={(event) => note(each.id, event.currentTarget.value)}
          />
          <button type="button" class="plain" aria-label={t("Take this picture out")} onClick={() => out(each)}>
            ✕
          </button>
        </div>
      ))}
      <div class="pair">
        <Camera before={() => book().putDraft(now.current, own)} take={take} busy={busy} />
      </div>
      <p class="fault" role="status">
        {words}
      </p>
    </div>
  );
}

/** The two buttons: the camera, and what was taken before. *before* is done when the camera opens. */
function Camera({ before, take, busy }: { before: () => Promise<void>; take: (files: File[]) => Promise<void>; busy: boolean }) {
  const camera = useRef<HTMLInputElement>(null);
  const shelf = useRef<HTMLInputElement>(null);
  // The phone may end the app while its camera is open: what is typed is on disk first.
  const open = (input: HTMLInputElement | null) => void before().then(() => input?.click());
  const taken = async (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])];
    input.value = "";
    await take(files);
  };
  return (
    <>
      <input ref={camera} class="hidden" type="file" accept="image/*" capture="environment" tabIndex={-1} aria-hidden="true" data-test="camera" onChange={(event) => void taken(event.currentTarget)} />
      <input ref={shelf} class="hidden" type="file" accept="image/*" multiple tabIndex={-1} aria-hidden="true" data-test="shelf" onChange={(event) => void taken(event.currentTarget)} />
      <button type="button" disabled={busy} onClick={() => open(camera.current)} data-test="take-photo">
        {busy ? t("Keeping the picture…") : t("Take a picture")}
      </button>
      <button type="button" disabled={busy} onClick={() => open(shelf.current)} data-test="choose-photo">
        {t("Choose pictures")}
      </button>
    </>
  );
}

/** The pictures of a record, and a way to add one without opening its form. */
export function Photos({ record }: { record: Shown }) {
  const [open, setOpen] = useState<Shown | null>(null);
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const photos = book().referring(record.id, "photo");
  const add = async (files: File[]) => {
    setBusy(true);
    setWords("");
    for (const file of files) {
      try {
        const found = await develop(file);
        await book().savePicture(found, record);
        tell(t("Saved on this phone"), () => book().remove(found.photo.id));
      } catch (error) {
        setWords(sentenceOf(error as Error));
      }
    }
    setBusy(false);
  };
  return (
    <section data-test="photos">
      {photos.length > 0 && <h2>{t("Pictures")}</h2>}
      <div class="photos">
        {photos.map((each) => (
          <button key={each.id} type="button" class="photo" data-test="photo" onClick={() => setOpen(each)}>
            <Picture sha256={String(each.fields["preview_sha256"] ?? each.fields["sha256"] ?? "")} alt={String(each.fields["caption"] ?? t("Picture"))} />
          </button>
        ))}
      </div>
      <div class="pair">
        <Camera before={async () => undefined} take={add} busy={busy} />
      </div>
      <p class="fault" role="status">
        {words}
      </p>
      {open && <Large photo={open} close={() => setOpen(null)} />}
    </section>
  );
}

function Large({ photo, close }: { photo: Shown; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const remove = async () => {
    await book().remove(photo);
    tell(t("Deleted on this phone"), () => book().restore(photo.id));
    close();
  };
  return (
    <dialog class="large-photo" ref={dialog} onClose={close} aria-label={t("Picture")}>
      <Picture sha256={String(photo.fields["sha256"] ?? "")} alt={String(photo.fields["caption"] ?? t("Picture"))} />
      {photo.fields["caption"] && <p>{String(photo.fields["caption"])}</p>}
      <div class="pair">
        <button type="button" onClick={close} data-test="close-photo">
          {t("Close")}
        </button>
        <button type="button" class="needs" onClick={() => void remove()}>
          {t("Delete")}
        </button>
      </div>
    </dialog>
  );
}

/** How many pictures wait on this phone, and how much that is. */
export function PicturesWaiting() {
  const { waiting, waitingBytes } = book().pictures.value;
  if (!waiting) return null;
  return (
    <p class="here" data-test="pictures-waiting">
      ○ {t("{count} pictures wait to be sent, {size} MB", { count: waiting, size: sayNumber(waitingBytes / 1_000_000, 1) })}
    </p>
  );
}

/** Pictures that the centre refused: why, and what can be done. */
export function PicturesRefused() {
  const [refused, setRefused] = useState<StoredPicture[]>([]);
  const { revision, pictures } = book();
  useEffect(() => void book().refusedPictures().then(setRefused), [revision.value, pictures.value.refused]);
  return (
    <>
      {refused.map((each) => (
        <div class="refused" key={each.sha256} data-test="refused-picture">
          <Picture sha256={each.sha256} alt={t("Picture")} />
          <p>{refusalSentence(each.refusal)}</p>
          <div class="pair">
            <button type="button" onClick={() => void book().sendPictureAgain(each.sha256)}>
              {t("Send once more")}
            </button>
            <button type="button" class="needs" onClick={() => void book().giveUpPicture(each.sha256)}>
              {t("Give up")}
            </button>
          </div>
        </div>
      ))}
    </>
  );
}

function refusalSentence(code: string | undefined): string {
  switch (code) {
    case "hash_mismatch":
    case "not_a_picture":
    case "gone_from_phone":
      return t("This picture was damaged on the phone. Take it again if you can.");
    case "too_large":
      return t("This picture is larger than the centre takes. Take it again.");
    default:
      return t("The centre does not take this picture ({code}). Ask your manager.", { code: code ?? "?" });
  }
}

type Found = { url: string } | { words: string } | null;

/** One picture by its hash: from this phone, else from the centre. */
function Picture({ sha256, alt }: { sha256: string; alt: string }) {
  const [found, setFound] = useState<Found>(null);
  useEffect(() => {
    let url = "";
    let here = true;
    void bytesOf(sha256).then((bytes) => {
      if (!here) return;
      if (typeof bytes === "string") return setFound({ words: bytes });
      url = URL.createObjectURL(new Blob([bytes]));
      setFound({ url });
    });
    return () => {
      here = false;
      if (url) URL.revokeObjectURL(url);
    };
  }, [sha256]);
  if (found && "url" in found) return <img src={found.url} alt={alt} />;
  return <span class="no-picture quiet">{found?.words ?? "…"}</span>;
}

/** The bytes of a picture, or why they can't be had. */
async function bytesOf(sha256: string): Promise<ArrayBuffer | string> {
  const kept = await book().bytesOf(sha256);
  if (kept) return kept;
  const token = await book().database.get("meta", "token");
  const response = await fetch(`${boot.root}api/v1/photos/${sha256}`, { headers: { Authorization: `Bearer ${String(token)}` } }).catch(() => null);
  if (!response) return t("This picture is at the centre: it comes with a signal.");
  const mime = response.headers.get("Content-Type") ?? "";
  if (response.status === 404 && mime.startsWith("application/problem+json")) return t("This picture has not reached the centre yet.");
  if (!response.ok || !mime.startsWith("image/")) return t("This picture is at the centre: it comes with a signal.");
  const bytes = await response.arrayBuffer().catch(() => null);
  if (!bytes) return t("This picture is at the centre: it comes with a signal.");
  // A full disk is no reason not to show it.
  await cache(book().database, sha256, mime, bytes).catch(() => undefined);
  return bytes;
}

async function develop(file: File): Promise<Taken> {
  const place = position();
  const { develop } = await bring(() => import("../photo/entry"));
  const taken = await develop(file, await place);
  // The camera goes by the phone's clock, which may be wrong.
  const takenAt = new Date(right(Date.parse(taken.photo.taken_at))).toISOString();
  return { ...taken, photo: { ...taken.photo, taken_at: takenAt } };
}

/** Where the officer stands, as far as the phone knows it without long waiting. */
function position(): Promise<Developing.Place | null> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          point: { type: "Point", coordinates: [Math.round(coords.longitude * 1e6) / 1e6, Math.round(coords.latitude * 1e6) / 1e6] },
          accuracy_m: Math.round(coords.accuracy * 10) / 10,
        }),
      () => resolve(null),
      { maximumAge: PLACE_AGE, timeout: PLACE_WAIT, enableHighAccuracy: true },
    );
  });
}

function sentenceOf(error: Error): string {
  switch (error.name) {
    case "QuotaExceededError":
      return t("The phone has no room left for this picture. What you typed stays. Free some space and take it again.");
    case "Unreadable":
      return t("This file is no picture that the phone can read. Take it with the camera, or choose another.");
    default:
      return t("This picture could not be kept ({reason}). Take it again.", { reason: error.name });
  }
}
