// A form that was opened for something new and left again with nothing entered in it: no draft stays of it on home.
// Must never put away what somebody typed or photographed.
import { useEffect, useRef } from "preact/hooks";
import { book } from "../app";
import { address } from "../place";
import { same } from "../store/overlay";
import type { Draft } from "../store/types";
import { began } from "./begin";

/** What the phone fills in by itself while the form stands open. */
const BY_ITSELF = ["point", "accuracy_m"];

/** Whether nothing was entered in a form that was begun since the app was opened. */
export function isUntouched({ key, typed, photos, unfit }: Draft): boolean {
  const first = began.get(key);
  const own = (fields: Draft["typed"]) => Object.fromEntries(Object.entries(fields).filter(([name, value]) => !BY_ITSELF.includes(name) && value !== null && value !== ""));
  return !!first && !photos?.length && !unfit && same(own(typed), own(first));
}

/** Put the draft away when its form is left and nothing was entered. *isBusy*: a picture for it is still being made. */
export function usePutAway(draft: Draft, isBusy: boolean): void {
  const latest = useRef({ draft, isBusy });
  latest.current = { draft, isBusy };
  useEffect(
    () => () => {
      const { key } = draft;
      // The app was closed over the form, or its boundary is drawn: the form goes on.
      if (address().startsWith(`/edit/${key}`) || latest.current.isBusy) return;
      // Another tab may have typed into the same one.
      if ([latest.current.draft, book().draft(key)].every((each) => each && isUntouched(each))) void book().dropDraft({ draft: latest.current.draft });
    },
    [],
  );
}
