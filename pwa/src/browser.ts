// What this browser can and cannot do, where the app must say so. docs/browsers.md has the same for all of them.
import { signal } from "@preact/signals";

/** Chromium's own question, kept until there is a good time for it. */
interface InstallQuestion extends Event {
  prompt(): Promise<{ outcome: "accepted" | "dismissed" }>;
}

export const installQuestion = signal<InstallQuestion | null>(null);

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installQuestion.value = event as InstallQuestion;
});
addEventListener("appinstalled", () => (installQuestion.value = null));

const agent = navigator.userAgent;

/** The page stands inside another app, which keeps what is saved to itself and may throw it away. */
export const withinAnotherApp = /Zalo|FBAN|FBAV|Instagram|Line\/|; wv\)/.test(agent);

export const isFirefox = /Firefox|FxiOS/.test(agent);

/** Opened from the home screen, as an app of its own. */
export function isInstalled(): boolean {
  return matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;
}

/** How this browser is told to install the app; null: it can't. */
export function wayToInstall(): "question" | "ios" | "firefox" | "menu" | null {
  if (isInstalled() || withinAnotherApp) return null;
  if (installQuestion.value) return "question";
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "ios";
  if (!/Android/.test(agent)) return null;
  return isFirefox ? "firefox" : "menu";
}

/** Whether the app itself can read a QR code; a phone's own camera app does in any case. */
export const readsCodes = "BarcodeDetector" in globalThis && !!navigator.mediaDevices?.getUserMedia;
/** Whether what waits is sent by itself while no page of the app is open. */
export const sendsInBackground = "SyncManager" in globalThis;
/** Whether the screen can be kept awake on a walk. */
export const keepsAwake = "wakeLock" in navigator;
/** Whether the browser tells how much room there is, and can be asked to keep what is saved. */
export const tellsOfRoom = !!navigator.storage?.estimate;

// What a person has said no to, and that something was saved here: neither is worth a database.
const REMEMBERED = "nuong-hints";

export function remembered(): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") as Record<string, number>;
  } catch {
    return {};
  }
}

export function remember(what: string, at = Date.now()): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify({ ...remembered(), [what]: at }));
  } catch {
    // It is asked once more another day.
  }
}
