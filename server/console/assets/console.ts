// The console's script: the map, the keys of the review, what is being done elsewhere. The rest is pages from the server.
import { draw, drawShapes } from "./map";
import { follow, poll } from "./poll";
import { review } from "./review";

poll();
follow();
const map = document.getElementById("map");
if (map?.dataset["tiles"]) draw(map);
for (const each of document.querySelectorAll<HTMLElement>("[data-shapes]")) drawShapes(each);
const queue = document.getElementById("queue");
if (queue) review(queue);
// A chart that is wider than the screen shows its newest weeks first.
for (const each of document.querySelectorAll("[data-newest]")) each.scrollLeft = each.scrollWidth;
// A menu that stands open is in the way: it goes when somebody presses elsewhere, or Escape. Without a script it stays.
const menu = document.querySelector<HTMLDetailsElement>("details.menu");
document.addEventListener("click", ({ target }) => menu?.contains(target as Node) || menu?.removeAttribute("open"));
menu?.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  menu.removeAttribute("open");
  menu.querySelector("summary")?.focus();
});
