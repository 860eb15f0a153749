// The app as an app: its worker, its updates, its place on the phone.
import { computed, effect, signal } from "@preact/signals";

/** How many forms have something half-typed: an update waits for none. */
export const formsOpen = signal(0);
const waiting = signal<ServiceWorker | null>(null);
export const updateReady = computed(() => waiting.value !== null);

export async function register(root: string): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register(`${root}sw.js`, { scope: root }).catch(() => undefined);
  if (!registration) return;
  const look = () => {
    if (registration.waiting && navigator.serviceWorker.controller) waiting.value = registration.waiting;
  };
  registration.addEventListener("updatefound", () => {
    // A first worker is no update: there is nothing older to wait for. WebKit calls it waiting while it takes over, and
    // the page would be loaded anew under whoever is signing in.
    if (registration.active) registration.installing?.addEventListener("statechange", look);
  });
  look();
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!waiting.value) return;
    // Another tab said yes to the update; where something is half-typed it waits until that is done.
    const stop = effect(() => {
      if (formsOpen.value > 0) return;
      queueMicrotask(() => stop());
      location.reload();
    });
  });
}

/** Let the new version take over, unless something is half-typed; drafts are on disk in any case. */
export function takeOver(): void {
  if (formsOpen.value === 0) waiting.value?.postMessage("take-over");
}

/** Fetch the newest version, let it take over, and open it. */
export async function newestVersion(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const found = await registration?.update().catch(() => undefined);
  (found?.waiting ?? registration?.waiting)?.postMessage("take-over");
  location.reload();
}
