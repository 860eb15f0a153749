// The phone's position while a screen needs it, and its screen kept on meanwhile.
import { useEffect, useRef } from "preact/hooks";
import { right } from "../clock";
import { rounded } from "./ring";
import type { Fix } from "./walk";

/** Take each fix while *on*; *forbidden*: the phone may not say where it is, until a person allows it. */
export function useWatch(on: boolean, take: (fix: Fix) => void, forbidden: () => void): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    if (!on || !navigator.geolocation) return;
    const watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) =>
        latest.current({
          at: new Date(right(timestamp)).toISOString(),
          point: { type: "Point", coordinates: rounded([coords.longitude, coords.latitude]) },
          accuracy_m: Math.round(coords.accuracy * 10) / 10,
        }),
      (error) => error.code === error.PERMISSION_DENIED && forbidden(),
      { enableHighAccuracy: true, maximumAge: 2000, timeout: 60_000 },
    );
    return () => navigator.geolocation.clearWatch(watch);
  }, [on]);
}

/** The screen stays on while walking: a phone that sleeps gives no fixes. */
export function useAwake(on: boolean): void {
  useEffect(() => {
    if (!on || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    const hold = async () => {
      if (document.visibilityState !== "visible") return;
      lock = await navigator.wakeLock.request("screen").catch(() => undefined);
      if (over) void lock?.release();
    };
    const again = () => void hold();
    again();
    document.addEventListener("visibilitychange", again);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, [on]);
}
