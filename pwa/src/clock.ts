// The time as it is, though the phone's clock may be wrong: what the centre's answers told of it.
// Must never touch ids: they carry the phone's own clock, and the centre knows how far off it was.
import { signal } from "@preact/signals";

const NOTICED = 2 * 60_000; // ms: less is the link, not the clock
const TOLD = 5 * 60_000;
const BELIEVED = 30 * 24 * 3600_000;

/** How far the phone's clock is behind, in ms; 0 where it is right, or nothing certain is known. */
export const behind = signal(0);

/** Take in what the last contact told: *off*, the centre's time less ours; *at*, our time then. */
export function learn(off: number | undefined, at: number | null): void {
  const since = at === null ? -1 : Date.now() - at;
  // Somebody who sets the clock right by years leaves a contact that is years ago, or yet to come: it tells no more.
  const counts = off !== undefined && Math.abs(off) > NOTICED && since >= 0 && since < BELIEVED;
  behind.value = counts ? off : 0;
}

/** Now, ms since 1970. */
export function now(): number {
  return Date.now() + behind.value;
}

/** A moment of the phone's clock, put right. */
export function right(at: number): number {
  return at + behind.value;
}

/** Whether the officer should set the clock. */
export function isWrong(): boolean {
  return Math.abs(behind.value) > TOLD;
}
