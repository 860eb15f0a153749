// What is typed is on disk a moment later, saved or not, whatever becomes of the app.
import { useEffect, useRef } from "preact/hooks";
import { book } from "../app";
import { formsOpen } from "../pwa";
import type { Draft, Id } from "../store/types";

const PAUSE = 250; // ms after the last key stroke; a lost app loses at most this

/** Keeps the draft on disk: shortly after each key stroke, and at once when the app is put away. */
export function useKeeper(draft: Draft, kept: Draft) {
  const latest = useRef(draft);
  /** What was touched here, and not in another tab that has the same form open. */
  const own = useRef({ fields: new Set<string>(), photos: new Set<Id>() });
  const dirty = useRef(false);
  const over = useRef(false);
  if (draft !== latest.current) {
    dirty.current = draft !== kept;
    const before = latest.current.typed;
    for (const name of Object.keys({ ...before, ...draft.typed })) if (draft.typed[name] !== before[name]) own.current.fields.add(name);
  }
  latest.current = draft;
  for (const each of draft.photos ?? []) own.current.photos.add(each.id);
  const write = () => {
    if (!dirty.current || over.current) return;
    dirty.current = false;
    void book().putDraft(latest.current, own.current);
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
    done: () => void (over.current = true),
    resume: () => {
      over.current = false;
      dirty.current = true;
      write();
    },
  };
}
