import { medianOf, middleHalf, ratiosOf, spreadCells, tableOf } from "../support/report.mjs";
import { requireAt } from "../support/require.mjs";
import { cases } from "./round.mjs";

/** @import { Figures } from "../support/measure.mjs" */
/** @import { Round, Side } from "./round.mjs" */

/** @typedef {(side: Side) => Figures[]} SideFigures what a side did at one case, round by round */
/** @typedef {readonly (string | number)[]} Row */

/**
 * Returns the table of µs of CPU per call. Its ratios are as those of calls per second: above 1, the
 * first name is cheaper.
 *
 * @param {readonly Round[]} rounds
 */
export function costTable(rounds) {
  const figures = ["µs, this", "µs, base", "µs, tuned"];
  const ratios = ["this × tuned", "base × tuned", "this × base"];
  const titles = [...figures, ...ratios].flatMap(withHalf);
  return caseTable(rounds, titles, (of) => [
    ...costCells(of("this")),
    ...costCells(of("base")),
    ...costCells(of("tuned")),
    ...spreadCells(ratiosOf("cpuMicros", of("tuned"), of("this"))),
    ...spreadCells(ratiosOf("cpuMicros", of("tuned"), of("base"))),
    ...spreadCells(ratiosOf("cpuMicros", of("base"), of("this"))),
  ]);
}

/**
 * Returns the table of calls per second, and of their ratios.
 *
 * @param {readonly Round[]} rounds
 */
export function speedTable(rounds) {
  const ratios = ["this ÷ tuned", "base ÷ tuned", "this ÷ base"].flatMap(withHalf);
  const titles = ["a second, this", "base", "tuned", ...ratios];
  return caseTable(rounds, titles, (of) => [
    speedCell(of("this")),
    speedCell(of("base")),
    speedCell(of("tuned")),
    ...spreadCells(ratiosOf("perSecond", of("this"), of("tuned"))),
    ...spreadCells(ratiosOf("perSecond", of("base"), of("tuned"))),
    ...spreadCells(ratiosOf("perSecond", of("this"), of("base"))),
  ]);
}

/**
 * @param {readonly Round[]} rounds
 * @param {readonly string[]} titles
 * @param {(figuresOf: SideFigures) => Row} cellsOf
 */
function caseTable(rounds, titles, cellsOf) {
  const rows = cases.map(({ operation, concurrency }, index) =>
    [operation, concurrency].concat(
      cellsOf((side) => rounds.map((round) => requireAt(round[side], index))),
    ),
  );
  return tableOf(["operation", "at once", ...titles], rows, 1);
}

/** @param {string} title */
function withHalf(title) {
  return [title, "middle half"];
}

/** @param {readonly Figures[]} rounds */
function costCells(rounds) {
  const micros = rounds.map(({ cpuMicros }) => cpuMicros);
  return [medianOf("cpuMicros", rounds).toFixed(2), middleHalf(micros)];
}

/** @param {readonly Figures[]} rounds */
function speedCell(rounds) {
  return Math.round(medianOf("perSecond", rounds)).toLocaleString("en");
}
