import { median } from "../support/measure.mjs";
import { goalAtLeast, medianOf, ratiosOf, spreadCells, tableOf } from "../support/report.mjs";
import { requireAt, requireEntry } from "../support/require.mjs";

/** @import { Case, CaseResults } from "./play.mjs" */

const ours = "cachewell";

/**
 * Returns the table of what `playBeats` returned: a row per contender, with how many times as many
 * operations a second cachewell does, each ratio taken within a beat.
 *
 * @param {readonly Case[]} cases
 * @param {readonly CaseResults[]} results
 */
export function comparisonTable(cases, results) {
  const titles = [
    "operation",
    "at once",
    "contender",
    "a second",
    "µs CPU",
    `${ours} ÷ it`,
    "middle half",
  ];
  const rows = cases.flatMap((one, index) =>
    one.contenders.map((name) => tableRow(one, name, requireAt(results, index))),
  );
  return tableOf(titles, rows, 3);
}

/**
 * @param {Case} played
 * @param {string} name
 * @param {CaseResults} results
 */
function tableRow({ operation, concurrency }, name, results) {
  const figures = requireEntry(results, name);
  return [
    operation,
    concurrency.toLocaleString("en"),
    name,
    Math.round(medianOf("perSecond", figures)).toLocaleString("en"),
    medianOf("cpuMicros", figures).toFixed(2),
    ...(name === ours ? ["–", "–"] : spreadCells(speedOver(name, results))),
  ];
}

/**
 * Returns the goals of all cases: in `goals`, how many times as fast as a peer cachewell is to be.
 *
 * @param {readonly Case[]} cases
 * @param {readonly CaseResults[]} results
 */
export function comparisonGoals(cases, results) {
  return cases.flatMap(({ operation, concurrency, goals = {} }, index) =>
    Object.entries(goals).map(([peer, least]) => {
      const ratios = speedOver(peer, requireAt(results, index));
      const what = `${operation}, ${concurrency.toLocaleString("en")} at once: ${ours} ÷ ${peer}`;
      return goalAtLeast(what, least, median(ratios));
    }),
  );
}

/**
 * @param {string} peer
 * @param {CaseResults} results
 */
function speedOver(peer, results) {
  return ratiosOf("perSecond", requireEntry(results, ours), requireEntry(results, peer));
}
