// Where the app stands in the browser's history: “back” on the screen, on the phone and by a swipe lead to the same place,
// and never into a form that is done. Hash routes; what is asked of a page (`?q=…`) stands behind its path.
import { batch, signal } from "@preact/signals";

/** What an entry of the history knows: the address that it was come to from. */
interface Step {
  from?: string;
}

/** The path of the page that is shown. */
export const place = signal(pathOf(inBrowser()));

/** How often somebody has arrived somewhere: what a page asks of itself (`ask`) is no arrival. */
export const arrivals = signal(0);

let here = inBrowser();
const scrolled = new Map<string, number>();
let returned: number | undefined;
/** What is to be done once the browser has gone back: until then its history tells of the page that was left. */
let afterwards: (() => void)[] | null = null;

function inBrowser(): string {
  return `/${location.hash.replace(/^#?\/?/, "")}`;
}

/** The whole address of the page that is shown. */
export function address(): string {
  return here;
}

function pathOf(whole: string): string {
  return whole.split("?")[0]!;
}

/** What is asked of the page that is shown. */
export function asked(): URLSearchParams {
  return new URLSearchParams(here.split("?")[1] ?? "");
}

const step = () => (history.state ?? {}) as Step;

/** Go to *to*: back, where that is where one came from; in place of a form, where that is left. */
export function go(to: string, { replace = false } = {}): void {
  if (afterwards) return void afterwards.push(() => go(to, { replace }));
  const { from } = step();
  if (to === here) return;
  scrolled.set(here, scrollY);
  if (to === from) {
    // Shown at once: the browser takes its time, and a form that is done must not begin anew meanwhile.
    returned = scrolled.get(to);
    show(to);
    afterwards = [];
    return history.back();
  }
  const leavesForm = here.startsWith("/edit/") && !to.startsWith(`${here}/`);
  if (replace || leavesForm) history.replaceState({ from }, "", `#${to}`);
  else history.pushState({ from: here }, "", `#${to}`);
  arrived();
}

/** Go from *left* to *to*, after something that took its time: whoever has gone elsewhere meanwhile stays there. */
export function goFrom(left: string, to: string, options?: { replace?: boolean }): void {
  // The browser's address is ahead of ours until it has told us.
  if (here === left && inBrowser() === left) go(to, options);
}

/** Back to where one came from; to *up*, where the app was opened here. */
export function back(up: string): void {
  if (afterwards) return void afterwards.push(() => back(up));
  const { from } = step();
  go(from ?? up, { replace: from === undefined });
}

/** Put what is asked of this page into its address, so that a return finds it as it was. */
export function ask(query: URLSearchParams): void {
  if (afterwards) return void afterwards.push(() => ask(query));
  const text = query.toString();
  history.replaceState(step(), "", `#${pathOf(here)}${text && `?${text}`}`);
  here = inBrowser();
}

/** How far down one was when this page was left, if one has come back to it. */
export function scrollOnReturn(): number {
  const found = returned ?? 0;
  returned = undefined;
  return found;
}

/** The address is another one: by a link, by the phone's own “back”, or put there when the app was opened. */
export function arrived(): void {
  if (!history.state) history.replaceState({}, "");
  show(inBrowser());
}

function show(whole: string): void {
  here = whole;
  batch(() => {
    place.value = pathOf(whole);
    arrivals.value += 1;
  });
}

history.scrollRestoration = "manual";
if (!history.state) history.replaceState({}, "");
addEventListener("popstate", () => {
  const next = afterwards ?? [];
  afterwards = null;
  if (inBrowser() !== here) {
    scrolled.set(here, scrollY);
    // A link makes an entry that knows nothing yet; what knows something was here before.
    if (history.state) returned = scrolled.get(inBrowser());
    else history.replaceState({ from: here }, "");
    arrived();
  }
  for (const each of next) each();
});

/** For the router. */
export function usePlace(): [string, typeof go] {
  return [place.value, go];
}
usePlace.hrefs = (href: string) => `#${href}`;
