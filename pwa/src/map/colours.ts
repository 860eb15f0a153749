// What a plot's colour says: where it stands, or what grows there. The same words stand in the legend.
import type { Shown, State } from "../store/types";
import { nameOf, t } from "../words";

export interface Colours {
  of(plot: Shown): string;
  legend: { colour: string; words: string; count: number }[];
}

const STATES: [State, string, () => string][] = [
  ["attention", "--needs", () => t("Needs you")],
  ["here", "--here", () => t("Only on this phone")],
  ["going", "--quiet", () => t("On its way")],
  ["there", "--there", () => t("At the centre")],
];

export function byState(plots: readonly Shown[]): Colours {
  const colours = new Map(STATES.map(([state, colour]) => [state, colour]));
  return {
    of: (plot) => colours.get(plot.state) ?? "--quiet",
    legend: STATES.map(([state, colour, words]) => ({ colour, words: words(), count: plots.filter((each) => each.state === state).length })).filter((each) => each.count),
  };
}

// Far enough apart for eyes that see red and green alike, and dark enough on paper, light enough on a dark ground.
const LIGHT = ["#1f6b3a", "#a4481b", "#1b5e86", "#8a5a00", "#7a2f78", "#4b5d00", "#a3211f"];
const DARK = ["#7fd39b", "#f0a27c", "#8cc6ea", "#e8c06a", "#d9a0d7", "#b9cc5a", "#ff9c96"];

/** The crops with the most plots have a colour each; the others share one. */
export function byCrop(plots: readonly Shown[]): Colours {
  const counts = new Map<string, number>();
  for (const each of plots) counts.set(cropOf(each), (counts.get(cropOf(each)) ?? 0) + 1);
  const palette = matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT;
  const named = [...counts].filter(([crop]) => crop).sort((one, other) => other[1] - one[1]).slice(0, palette.length);
  const colours = new Map(named.map(([crop], place) => [crop, palette[place]!]));
  const rest = plots.filter((each) => !colours.has(cropOf(each))).length;
  return {
    of: (plot) => colours.get(cropOf(plot)) ?? "--quiet",
    legend: [
      ...named.map(([crop, count]) => ({ colour: colours.get(crop)!, words: nameOf("crop", crop), count })),
      ...(rest ? [{ colour: "--quiet", words: t("Other crops, or none said"), count: rest }] : []),
    ],
  };
}

function cropOf(plot: Shown): string {
  const crops = plot.fields["crops"];
  return Array.isArray(crops) ? String((crops[0] as { crop?: string } | undefined)?.crop ?? "") : "";
}
