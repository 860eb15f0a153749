// A page that shows work under way asks again until it is done, and only as long as somebody looks.
const EVERY = 1500;

export function poll(): void {
  const place = document.querySelector<HTMLElement>("[data-poll]");
  if (place) setTimeout(() => void again(place.dataset["poll"]!), EVERY);
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
