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
