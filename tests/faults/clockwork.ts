// The clock and the chance of a phone that is simulated: both decided by the simulator, so that a seed tells the same
// story twice. Imported before anything that looks at a clock.

const settings = JSON.parse(process.argv[2] ?? "{}") as { disk: string; clock: number; chance: number };
export const disk = settings.disk;

const RealDate = Date;
let ahead = settings.clock;

/** Each look at the clock takes a millisecond. */
function now(): number {
  ahead += 1;
  return ahead;
}

/** Set this phone's clock: batteries run flat, and people turn it. */
export function setClock(to: number): void {
  ahead = to;
}

class DecidedDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length) super(...(given as [number]));
    else super(now());
  }

  static override now(): number {
    return now();
  }
}
globalThis.Date = DecidedDate as DateConstructor;

// mulberry32
let state = settings.chance >>> 0;
function next(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return (mixed ^ (mixed >>> 14)) >>> 0;
}

function fill<T extends ArrayBufferView>(target: T): T {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = next() & 0xff;
  return target;
}
Object.defineProperty(globalThis, "crypto", {
  value: { getRandomValues: fill, subtle: globalThis.crypto.subtle },
  configurable: true,
});
