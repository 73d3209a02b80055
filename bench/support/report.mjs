import { median, quantile } from "./measure.mjs";

/**
 * What a bench answers: its question, how it was measured, tables, and which goals were met.
 *
 * @typedef {{ what: string, goal: string, measured: string, isMet: boolean }} Goal
 * @typedef {{ title: string, how: string, tables: string[], goals: Goal[], charts?: Record<string, string> }} Report
 */

/** Returns a report as a section of a document. */
export function textOf({ title, how, tables, goals }) {
  const verdicts = goals.map((goal) => [
    goal.what,
    goal.goal,
    goal.measured,
    goal.isMet ? "yes" : "**no**",
  ]);
  const goalTable = tableOf(["goal", "wanted", "measured", "met"], verdicts, 1);
  return [`## ${title}`, how, ...tables, ...(goals.length > 0 ? [goalTable] : [])].join("\n\n");
}

/** Returns a table whose first `texts` columns are words, and the others figures. */
export function tableOf(titles, rows, texts) {
  const rules = titles.map((_none, index) => (index < texts ? " --- |" : " ---: |"));
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return [`| ${titles.join(" | ")} |`, `|${rules.join("")}`, ...lines].join("\n");
}

/** Returns a goal that a number is to reach, judged by what is printed: a reader cannot see further. */
export function goalAtLeast(what, least, value, show = twoDigits) {
  const isMet = Number(show(value)) >= least;
  return { what, goal: `≥ ${least}`, measured: show(value), isMet };
}

/** Returns a goal that a number is not to pass. */
export function goalAtMost(what, most, value, show = twoDigits) {
  const isMet = Number(show(value)) <= most;
  return { what, goal: `≤ ${most}`, measured: show(value), isMet };
}

/** Returns the ratio of two contenders' figures, beat by beat. */
export function ratiosOf(figure, own, theirs) {
  return own.map((figures, beat) => figures[figure] / theirs[beat][figure]);
}

/** Returns the median of a figure. */
export function medianOf(figure, beats) {
  return median(beats.map((figures) => figures[figure]));
}

/** Returns the median of ratios, or of differences, and the middle half of them, as two cells. */
export function spreadCells(values) {
  const spread = [quantile(values, 0.25), quantile(values, 0.75)];
  return [twoDigits(median(values)), spread.map(twoDigits).join(" to ")];
}

/** Returns a number as most are printed. */
export function twoDigits(value) {
  return value.toFixed(2);
}
