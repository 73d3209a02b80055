import { median, quantile } from "./measure.mjs";

/**
 * The options of the command line.
 *
 * @typedef {object} BenchOptions
 * @property {boolean} isQuick short turns: for a try, not for the record
 * @property {string | undefined} [base] the build to compare with: a folder or a commit
 * @property {string | undefined} [only] the one fault to measure
 */

/**
 * What a bench answers: its question, how it measured, tables, and which goals it met.
 *
 * @typedef {{ what: string, goal: string, measured: string, isMet: boolean }} Goal
 * @typedef {{ title: string, how: string, tables: string[], goals: Goal[], charts?: Record<string, string> }} Report
 */

/**
 * A file of this folder that answers a question. Returns a report, or prints its own.
 *
 * @typedef {{ run(options: BenchOptions): Promise<Report | void> }} Bench
 */

/** @typedef {string | number} Cell */

/**
 * Returns a report as a section of a document.
 *
 * @param {Report} report
 */
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

/**
 * Returns a table whose first `texts` columns hold words, and the others figures.
 *
 * @param {readonly string[]} titles
 * @param {readonly (readonly Cell[])[]} rows
 * @param {number} texts
 */
export function tableOf(titles, rows, texts) {
  const rules = titles.map((_none, index) => (index < texts ? " --- |" : " ---: |"));
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return [`| ${titles.join(" | ")} |`, `|${rules.join("")}`, ...lines].join("\n");
}

/**
 * Returns the goal of a figure that must reach `least`. The printed figure decides: a reader sees no more.
 *
 * @param {string} what
 * @param {number} least
 * @param {number} value
 * @param {(value: number) => string} [show]
 * @returns {Goal}
 */
export function goalAtLeast(what, least, value, show = twoDigits) {
  const isMet = Number(show(value)) >= least;
  return { what, goal: `≥ ${least}`, measured: show(value), isMet };
}

/**
 * Returns the goal of a figure that must not exceed `most`.
 *
 * @param {string} what
 * @param {number} most
 * @param {number} value
 * @param {(value: number) => string} [show]
 * @returns {Goal}
 */
export function goalAtMost(what, most, value, show = twoDigits) {
  const isMet = Number(show(value)) <= most;
  return { what, goal: `≤ ${most}`, measured: show(value), isMet };
}

/**
 * Returns the ratios of two contenders' figures, beat by beat.
 *
 * @template {string} K
 * @param {K} figure
 * @param {readonly Readonly<Record<K, number>>[]} own
 * @param {readonly Readonly<Record<K, number>>[]} theirs as many as `own`
 */
export function ratiosOf(figure, own, theirs) {
  return own.map((figures, beat) => figures[figure] / (theirs[beat]?.[figure] ?? Number.NaN));
}

/**
 * Returns the median of a figure.
 *
 * @template {string} K
 * @param {K} figure
 * @param {readonly Readonly<Record<K, number>>[]} beats
 */
export function medianOf(figure, beats) {
  return median(beats.map((figures) => figures[figure]));
}

/**
 * Returns the median of ratios, or of differences, and their middle half, as two cells.
 *
 * @param {readonly number[]} values
 */
export function spreadCells(values) {
  return [twoDigits(median(values)), middleHalf(values)];
}

/**
 * Returns the middle half of figures as a cell.
 *
 * @param {readonly number[]} values
 */
export function middleHalf(values) {
  return [quantile(values, 0.25), quantile(values, 0.75)].map(twoDigits).join(" to ");
}

/**
 * Returns a number as most are printed.
 *
 * @param {number} value
 */
export function twoDigits(value) {
  return value.toFixed(2);
}
