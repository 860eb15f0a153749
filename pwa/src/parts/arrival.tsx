// Where a person stands after a step: at the new heading, and after a return where they stood before.
import { useEffect } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { fieldOnArrival } from "../forms/standing";
import { scrollOnReturn } from "../place";

let place = "/";

/** Take the screen reader and the keyboard to the page that is shown now. */
export function arrive(): void {
  const heading = document.querySelector<HTMLElement>("h1");
  // A page whose piece is still to come: it arrives when it is there.
  if (!heading) return;
  scrollTo(0, scrollOnReturn());
  const stood = fieldOnArrival(place);
  stood?.scrollIntoView({ block: "center" });
  (stood ?? heading).focus({ preventScroll: true });
}

/** Arrives at each new address; a page that comes with a late piece arrives again when it is there. */
export function Arrival() {
  const [now] = useLocation();
  useEffect(() => {
    place = now;
    arrive();
  }, [now]);
  return null;
}
