// What is typed is on disk a moment later, saved or not, whatever becomes of the app.
import { useEffect, useRef } from "preact/hooks";
import { book } from "../app";
import { formsOpen } from "../pwa";
import type { Draft } from "../store/types";

const PAUSE = 250; // ms after the last key stroke; a lost app loses at most this

/** Keeps the draft on disk: shortly after each key stroke, and at once when the app is put away. */
export function useKeeper(draft: Draft, kept: Draft) {
  const latest = useRef(draft);
  const dirty = useRef(false);
  const over = useRef(false);
  const open = useRef(true);
  if (draft !== latest.current) dirty.current = draft !== kept;
  latest.current = draft;
  const write = () => {
    if (!dirty.current || over.current) return;
    dirty.current = false;
    void book().putDraft(latest.current);
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
      open.current = false;
      formsOpen.value -= 1;
      keeping.delete(write);
      removeEventListener("pagehide", write);
      document.removeEventListener("visibilitychange", write);
      write();
    };
  }, []);
  return {
    open: () => open.current,
    done: () => void (over.current = true),
    resume: () => {
      over.current = false;
      dirty.current = true;
      write();
    },
  };
}
