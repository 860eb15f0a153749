// Small drawings of crops, pests and growth stages, by hand: what is drawn as a line, and what is filled in.
// They stand beside a word, never in its place.

type Drawing = [line: string, filled?: string];

/** A circle. */
const o = (x: number, y: number, r: number) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

/** A leaf, from its stalk to its tip; *wide*: how far it bulges. */
function leaf(x: number, y: number, dx: number, dy: number, wide = 0.35): string {
  const [nx, ny] = [-dy * wide, dx * wide];
  return `M${x} ${y}q${dx / 2 + nx} ${dy / 2 + ny} ${dx} ${dy}q${-dx / 2 - nx} ${-dy / 2 - ny} ${-dx} ${-dy}z`;
}

const each = (draw: (x: number, y: number, r: number) => string, r: number, ...places: [number, number][]) => places.map(([x, y]) => draw(x, y, r)).join("");
/** Five petals round a middle. */
const flower = (x: number, y: number, r: number) =>
  [0, 1, 2, 3, 4].map((n) => o(+(x + r * Math.sin(n * 1.2566)).toFixed(1), +(y - r * Math.cos(n * 1.2566)).toFixed(1), r * 0.62)).join("");

const LEAF = leaf(6, 27, 21, -22);
const VEIN = "M6 27L22 10";
const MANGO = "M12 10c4-5 14-4 15 5s-6 14-13 13-10-8-2-18zM13 9l-2-5";

const CROPS: Record<string, Drawing> = {
  COFAR: [`M16 3v9${leaf(16, 9, -12, -2)}${leaf(16, 9, 12, -2)}`, each(o, 4, [11, 18], [21, 18], [16, 25])],
  "X-MANGO": [MANGO + leaf(11, 5, 11, -1)],
  DMCLO: [`M16 3v9M16 8l-6 5M16 8l6 5${each(o, 4, [8, 16], [16, 15], [24, 16], [12, 23], [20, 23])}`],
  "X-PLUM": [`${o(16, 19, 10)}M16 9c-4 6-4 13 0 20M16 9l2-6${leaf(18, 5, 9, 1)}`],
  CAHSI: [`M16 30V15${leaf(16, 22, -12, -9)}${leaf(16, 22, 12, -9)}`, leaf(16, 16, 0, -13, 0.25)],
  PAQED: [o(16, 17, 12) + o(16, 17, 8), each(o, 1.4, [13, 14], [18, 13], [20, 18], [15, 21], [12, 18])],
  CIDSI: [`${o(16, 18, 11)}${o(16, 18, 8)}M16 10v16M9 14l14 8M23 14L9 22`],
  "1MUBG": ["M8 5c-1 13 6 20 19 20-3 4-17 4-21-5-2-5-1-11 2-15zM12 8c1 9 5 14 14 16"],
  "X-CASSAVA": [`M16 3v10${leaf(16, 6, -8, -2)}${leaf(16, 6, 8, -2)}`, "M16 12c-6 2-9 9-10 17 6-3 9-9 10-17zM16 12c6 2 9 9 10 17-6-3-9-9-10-17z"],
  "X-MACADAMIA": [o(16, 17, 11) + "M10 8l3 4M22 8l-3 4", o(16, 17, 6)],
  "X-CINNAMON": ["M8 6v20M14 6v20M8 6a3 3 0 0 1 6 0a3 3 0 0 1-6 0M8 26a3 3 0 0 0 6 0M18 6v20M24 6v20M18 6a3 3 0 0 1 6 0a3 3 0 0 1-6 0M18 26a3 3 0 0 0 6 0"],
  HVEBR: ["M10 3v26M22 3v26M10 8l12 6M10 13l12 6", "M12 22h8l-1 6h-6z"],
  "X-GINSENG": [`M16 12c-4 4-4 9-1 13l-4 6M16 12c4 4 4 9 1 13l4 6M13 19l-6 4M19 19l6 4M16 12V9${leaf(16, 10, -9, -7)}${leaf(16, 10, 9, -7)}`, o(16, 4, 2.4)],
  "X-CARDAMOM": ["M16 4v8", leaf(16, 11, -9, 15, 0.3) + leaf(16, 11, 9, 15, 0.3) + leaf(16, 11, 0, 18, 0.25)],
  "X-MEDICINAL": [`M16 30V8${leaf(16, 26, -10, -6)}${leaf(16, 26, 10, -6)}${leaf(16, 18, -9, -6)}${leaf(16, 18, 9, -6)}${leaf(16, 10, 0, -8)}`],
  ORYSA: ["M7 30C8 16 13 7 26 6M7 30C6 22 5 16 3 12", [[12, 15], [16, 11], [21, 8], [15, 17], [19, 13], [24, 10]].map(([x, y]) => leaf(x!, y!, 5, 3, 0.4)).join("")],
  "X-MAIZE": [`M16 3c-6 5-6 18 0 24 6-6 6-18 0-24zM13 8v14M16 4v22M19 8v14M12 12h8M12 17h8${leaf(16, 29, -10, -16, 0.2)}${leaf(16, 29, 10, -16, 0.2)}`],
};

const BUG = "M16 10l7 4v8l-7 6-7-6v-8zM16 10v18M9 16l-5-2M9 21l-5 2M23 16l5-2M23 21l5 2M14 10l-4-6M18 10l4-6";

const PESTS: Record<string, Drawing> = {
  HEMIVA: [LEAF + VEIN, each(o, 2.2, [12, 19], [18, 20], [17, 13], [22, 14])],
  "X-BERRYBORER": [o(16, 18, 11) + "M16 7l2-5", o(16, 20, 3) + "M14 15h4v3h-4z"],
  "X-STEMBORER": ["M10 3v26M22 3v26M13 9c6 1 0 4 6 5s0 4 4 5", o(14, 9, 2) + o(20, 24, 2.4)],
  DACUDO: [leaf(16, 15, -12, -6, 0.3) + leaf(16, 15, 12, -6, 0.3) + "M12 20l-5 5M20 20l5 5", o(16, 9, 3) + leaf(16, 12, 0, 17, 0.3)],
  "X-ANTHRACNOSE": [MANGO, "M14 16l4-2 3 3-2 4-5 0zM21 22l3-1 0 4-3 1z"],
  "X-HOPPER": ["M5 22L20 10l7 8-5 4zM12 22l-3 6M18 22l2 6M24 12l4-4", o(23, 16, 1.6)],
  "X-WITCHBROOM": ["M16 30V20M16 20L4 8M16 20L8 4M16 20l-3-17M16 20l3-17M16 20l8-16M16 20L28 8M16 20L3 14M16 20l13-6"],
  "X-STINKBUG": [BUG],
  "X-GREENFLY": [LEAF + "M11 12l-4-3M12 14l-5 0", leaf(9, 13, 10, -7, 0.3)],
  "X-TEABUG": ["M16 8L4 4M16 8l12-4M15 14L4 18M17 14l11 4M15 18L6 29M17 18l9 11M16 6V2", o(16, 8, 2.4) + leaf(16, 10, 0, 16, 0.2)],
  "X-BLISTER": [LEAF + each(o, 2.8, [12, 20], [18, 19], [20, 12])],
  "X-MOSAIC": [LEAF + VEIN, "M10 19l5-4 1 5-5 4zM18 11l5-3-1 6-4 3zM17 18l4-1-2 4z"],
  LAPHFR: [each(o, 3.6, [9, 20], [13, 16], [18, 16], [22, 20]) + "M9 24v3M14 20v3M19 20v3M23 24v3", o(26, 23, 3.4)],
  "X-LEAFFALL": [`M16 30V6M16 14l-7-6M16 14l7-6M16 20l-8-4M16 20l8-4`, leaf(5, 20, 4, 4) + leaf(25, 18, 3, 5) + leaf(22, 26, 5, 2) + leaf(7, 27, 5, 1)],
};

const BRANCH = "M2 24C10 22 20 18 30 10";
const STALK = "M16 30V9";
const GROUND = "M3 29h26";
const BLADES = `${leaf(16, 29, -9, -20, 0.15)}${leaf(16, 29, 9, -20, 0.15)}`;

/** By how a crop grows, each stage of the BBCH scale as it looks. */
const STAGES: Record<string, Record<string, Drawing>> = {
  tree: {
    0: [BRANCH, leaf(9, 22, -2, -5) + leaf(16, 20, 0, -6) + leaf(23, 15, 1, -6)],
    1: [BRANCH + leaf(9, 22, -4, -9) + leaf(16, 20, -2, -10) + leaf(23, 15, -1, -9)],
    3: [BRANCH + "M16 20l-4-16M23 16l3 10" + leaf(14, 13, -8, -3) + leaf(13, 8, 7, -5) + leaf(24, 20, -6, 3) + leaf(25, 23, 5, 3)],
    5: [BRANCH + leaf(10, 22, -4, 7) + leaf(20, 17, 4, 8), each(o, 2, [9, 17], [15, 14], [19, 12], [13, 18], [23, 9])],
    6: [BRANCH + leaf(10, 22, 2, 7) + flower(10, 14, 3.4) + flower(20, 9, 3.4), o(10, 14, 1.2) + o(20, 9, 1.2)],
    7: [BRANCH + leaf(9, 22, -3, -9) + leaf(22, 16, -2, -10) + each(o, 3, [10, 27], [17, 24], [24, 20])],
    8: [BRANCH + leaf(9, 22, -3, -9) + leaf(22, 16, -2, -10), each(o, 4.2, [9, 28], [17, 25], [25, 20])],
    9: [BRANCH + "M12 22l-2-8M20 18l-1-9M26 13l4 4", leaf(6, 29, 5, -1) + leaf(18, 29, 5, -3) + leaf(24, 24, 2, 5)],
  },
  grass: {
    0: [GROUND + "M16 26c0-6 2-10 6-13", o(16, 27, 3)],
    1: [GROUND + BLADES],
    2: [GROUND + BLADES + leaf(16, 29, -13, -11, 0.15) + leaf(16, 29, 13, -11, 0.15) + leaf(16, 29, 0, -23, 0.1)],
    3: [GROUND + "M16 29V4M14 22h4M14 15h4" + leaf(16, 22, -9, -9, 0.15) + leaf(16, 15, 9, -9, 0.15)],
    4: [GROUND + "M16 29V20M16 8V3" + leaf(16, 25, -9, -9, 0.15) + leaf(16, 25, 9, -9, 0.15) + leaf(16, 21, 0, -14, 0.28)],
    5: [GROUND + STALK + leaf(16, 26, -9, -12, 0.15) + leaf(16, 26, 9, -12, 0.15) + leaf(16, 13, 0, -10, 0.3)],
    6: [GROUND + STALK + leaf(16, 26, -9, -12, 0.15) + leaf(16, 15, 0, -12, 0.3), each(o, 1.3, [11, 5], [21, 5], [10, 10], [22, 10], [12, 14], [20, 14])],
    7: [GROUND + STALK + leaf(16, 26, -9, -12, 0.15) + leaf(16, 26, 9, -12, 0.15) + each(o, 2, [13, 5], [19, 5], [13, 10], [19, 10], [13, 15], [19, 15])],
    8: [GROUND + "M12 29C12 16 14 6 22 6", [[21, 7], [24, 9], [19, 10], [23, 13], [18, 14], [26, 14]].map(([x, y]) => leaf(x!, y!, 2, 6, 0.5)).join("")],
    9: [GROUND + "M12 29V14l9 8M20 29V18l6 6M12 20l-7 6"],
  },
  herb: {
    0: [GROUND + "M16 29V20", leaf(16, 21, -5, -5) + leaf(16, 21, 5, -5)],
    1: [GROUND + "M16 29V16" + leaf(16, 20, -10, -7) + leaf(16, 20, 10, -7)],
    2: [GROUND + "M16 29V10M16 24L7 15M16 24l9-9" + leaf(16, 12, 0, -9) + leaf(7, 16, -5, -6) + leaf(25, 16, 5, -6)],
    3: [GROUND + "M16 29V6" + leaf(16, 24, -11, -5) + leaf(16, 20, 11, -5) + leaf(16, 13, -9, -5) + leaf(16, 9, 8, -5)],
    4: ["M3 14h26M16 14V8" + leaf(16, 10, -8, -6) + leaf(16, 10, 8, -6), "M16 14c-6 2-8 8-8 15 5-3 8-8 8-15zM16 14c6 2 8 8 8 15-5-3-8-8-8-15z"],
    5: [GROUND + STALK + leaf(16, 24, -10, -6) + leaf(16, 24, 10, -6), leaf(16, 11, 0, -9, 0.4)],
    6: [GROUND + STALK + leaf(16, 26, -10, -6) + leaf(16, 26, 10, -6) + flower(16, 9, 4), o(16, 9, 1.6)],
    7: [GROUND + "M16 29V12M16 17l-7 3M16 17l7 3" + leaf(16, 14, 0, -10) + each(o, 2.6, [8, 22], [24, 22])],
    8: [GROUND + "M16 29V12M16 17l-7 2M16 17l7 2" + leaf(16, 14, 0, -10), each(o, 4, [8, 22], [24, 22])],
    9: [GROUND + "M16 29V14c0-5 6-6 9-1M16 20c-2-4-7-3-9 2", leaf(25, 13, 2, 8) + leaf(7, 22, -2, 6)],
  },
};

export function drawingOf(list: string, code: string, habit = "herb"): Drawing | undefined {
  if (list === "stage") return STAGES[habit]?.[code] ?? STAGES["herb"]![code];
  return list === "crop" ? CROPS[code] : list === "pest" ? PESTS[code] : undefined;
}
