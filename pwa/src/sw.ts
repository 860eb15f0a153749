// The service worker: the app opens without the network, and what waits is sent when the browser finds one.
// Must never answer for the API, the console or the docs: those are the centre's.
import { openPerson } from "./store/database";
import { PASSING, sync } from "./sync/run";

declare const self: ServiceWorkerGlobalScope & { NUONG: { root: string; version: string; kept: string[] } };

const { root, version, kept } = self.NUONG;
const OURS = `nuong-app-${root}-`;
const CACHE = `${OURS}${version}`;

self.addEventListener("install", (event) => {
  // Straight from the centre: the browser's own cache might still hold an old page.
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(kept.map((url) => new Request(url, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // The version before stays too: a page of it may still be open in another tab, and opens its map only later.
      const others = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
      for (const name of others.slice(0, -1)) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  // Said by the page only when nothing is half-typed.
  if (event.data === "take-over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === root) event.respondWith(keptOrFetched(root));
  else if (kept.includes(url.pathname)) event.respondWith(keptOrFetched(url.pathname));
  else if (url.pathname.startsWith(`${root}static/`)) event.respondWith(ofTheVersionBefore(url.pathname));
});

async function keptOrFetched(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(path);
}

async function ofTheVersionBefore(path: string): Promise<Response> {
  return (await caches.match(path)) ?? fetch(path);
}

interface SyncEvent extends ExtendableEvent {
  tag: string;
}

self.addEventListener("sync" as "message", (event) => {
  const { tag } = event as unknown as SyncEvent;
  const user = /^nuong-sync-(.{36})$/.exec(tag)?.[1];
  if (user) (event as unknown as SyncEvent).waitUntil(inBackground(user));
});

async function inBackground(user: string): Promise<void> {
  const database = await openPerson(user);
  const language = ((await database.get("meta", "language")) as string | undefined) ?? "vi";
  database.close();
  const channel = new BroadcastChannel(`nuong-${user}`);
  const outcome = await sync({
    root,
    user,
    language,
    version,
    onNews: (records) => channel.postMessage(records === "all" ? { all: true } : { records }),
  });
  channel.close();
  // Failing tells the browser to try again later.
  if (PASSING.has(outcome)) throw new Error(outcome);
}
