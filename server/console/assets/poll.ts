// A page that shows work under way asks again until it is done, and only as long as somebody looks.
const EVERY = 1500;

export function poll(): void {
  const place = document.querySelector<HTMLElement>("[data-poll]");
  if (place) setTimeout(() => void again(place.dataset["poll"]!), EVERY);
}

/** How much of what came in is still to be looked at: only the sentence that says so is asked for again. */
export function follow(): void {
  const said = document.querySelector<HTMLElement>("[data-behind]");
  if (said && said.dataset["left"] !== "0") setTimeout(() => void sayAgain(said), EVERY);
}

async function sayAgain(said: HTMLElement): Promise<void> {
  const answer = document.hidden ? undefined : await fetch(said.dataset["behind"]!).catch(() => undefined);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    said.replaceWith(page.querySelector("[data-behind]") ?? said);
  }
  follow();
}

async function again(address: string): Promise<void> {
  if (document.hidden) return void setTimeout(() => void again(address), EVERY);
  const answer = await fetch(address).catch(() => undefined);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    if (main) document.querySelector("main")?.replaceWith(main);
  }
  poll();
}
