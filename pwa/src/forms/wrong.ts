// Whoever presses “save” and is refused stands in the first control that is wrong, wherever in the form it is.
import { useEffect, useRef } from "preact/hooks";
import type { Fault } from "../records/validate";

const CONTROL = "input, textarea, select, button";

/** Lead to the first wrong control when faults are found; not when some of them go, since somebody is typing then. */
export function useFirstWrong(faults: Fault[]): void {
  const before = useRef(faults);
  useEffect(() => {
    const isNew = faults.some((each) => !before.current.includes(each));
    before.current = faults;
    // A table is wrong where one of its controls is. What was folded away is drawn open by now.
    const wrong = isNew ? document.querySelector("#form .wrong") : null;
    if (!wrong) return;
    const own = wrong.querySelector<HTMLElement>(CONTROL.replaceAll(/(\w+)/g, '$1[id^="f-"]')) ?? wrong.querySelector<HTMLElement>(CONTROL);
    own?.focus({ preventScroll: true });
    wrong.scrollIntoView({ block: "center" });
  }, [faults]);
}
