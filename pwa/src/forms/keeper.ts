// What is typed is on disk a moment later, saved or not, whatever becomes of the app.
import { useEffect, useRef } from "preact/hooks";
import { book } from "../app";
import { formsOpen } from "../pwa";
import type { Own } from "../store/beside";
import { same } from "../store/overlay";
import type { Draft, Id, Json } from "../store/types";

const PAUSE = 250; // ms after the last key stroke; a lost app loses at most this

export interface Keeper {
  /** What was touched in this form, and not in another tab that has the same one open. */
  own: Own;
  /** The form as it stands, whatever was drawn of it. */
  latest(): Draft;
  /** Put it on disk now, touched or not; resolves once it is there. */
  now(): Promise<void>;
  /** It is done, saved or thrown away: nothing is kept any more. */
  done(): void;
  /** It is not: what stands in it is kept again. */
  resume(): void;
}

/** Keeps the draft on disk: shortly after each key stroke, and at once when the app is put away. *kept*: as it was opened. */
export function useKeeper(draft: Draft, kept: Draft): Keeper {
  const latest = useRef(draft);
  const own = useRef<{ fields: Set<string>; photos: Set<Id> }>();
  // What today's form has moved, of a draft of an earlier one, is its own doing too: it must not come back from the disk.
  own.current ??= { fields: differing(kept, book().draft(kept.key)), photos: new Set() };
  const mine = own.current;
  const dirty = useRef(false);
  const over = useRef(false);
  if (draft !== latest.current) {
    dirty.current = draft !== kept;
    for (const name of differing(draft, latest.current)) mine.fields.add(name);
  }
  latest.current = draft;
  for (const each of draft.photos ?? []) mine.photos.add(each.id);
  const write = () => {
    if (!dirty.current || over.current) return;
    dirty.current = false;
    void book().putDraft(latest.current, mine);
  };
  useEffect(() => {
    const timer = setTimeout(write, PAUSE);
    return () => clearTimeout(timer);
  }, [draft]);
  // Saved or thrown away in another tab, whose draft was the same: what stands typed here is kept again.
  const onDisk = book().drafts.value.some((each) => each.key === draft.key);
  const was = useRef(onDisk);
  useEffect(() => {
    if (was.current && !onDisk && draft !== kept) {
      dirty.current = true;
      write();
    }
    was.current = onDisk;
  }, [onDisk]);
  useEffect(() => {
    const keeping = book().beforeClosing;
    formsOpen.value += 1;
    keeping.add(write);
    addEventListener("pagehide", write);
    document.addEventListener("visibilitychange", write);
    return () => {
      formsOpen.value -= 1;
      keeping.delete(write);
      removeEventListener("pagehide", write);
      document.removeEventListener("visibilitychange", write);
      write();
    };
  }, []);
  return {
    own: mine,
    latest: () => latest.current,
    now: () => book().putDraft(latest.current, mine),
    done: () => void (over.current = true),
    resume: () => {
      over.current = false;
      dirty.current = true;
      write();
    },
  };
}

/** The names of what is not the same in two drafts of one form. */
export function differing(one: Draft, other: Draft | undefined): Set<string> {
  if (!other || one === other) return new Set();
  const parts: [Record<string, Json>, Record<string, Json>][] = [[one.typed, other.typed], [one.unfit ?? {}, other.unfit ?? {}]];
  return new Set(parts.flatMap(([mine, its]) => Object.keys({ ...mine, ...its }).filter((name) => !same(mine[name], its[name]))));
}
