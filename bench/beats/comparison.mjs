import { median } from "../support/measure.mjs";
import { goalAtLeast, medianOf, ratiosOf, spreadCells, tableOf } from "../support/report.mjs";

const ours = "cachewell";

/**
 * Returns the table of what `playBeats` returned: a row per contender, with how many times as many
 * operations a second cachewell does, each ratio taken within a beat.
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
    one.contenders.map((name) => tableRow(one, name, results[index])),
  );
  return tableOf(titles, rows, 3);
}

function tableRow({ operation, concurrency }, name, figures) {
  return [
    operation,
    concurrency.toLocaleString("en"),
    name,
    Math.round(medianOf("perSecond", figures[name])).toLocaleString("en"),
    medianOf("cpuMicros", figures[name]).toFixed(2),
    ...(name === ours
      ? ["–", "–"]
      : spreadCells(ratiosOf("perSecond", figures[ours], figures[name]))),
  ];
}

/** Returns the goals of all cases: in `goals`, how many times as fast as a peer cachewell is to be. */
export function comparisonGoals(cases, results) {
  return cases.flatMap(({ operation, concurrency, goals = {} }, index) =>
    Object.entries(goals).map(([peer, least]) => {
      const ratios = ratiosOf("perSecond", results[index][ours], results[index][peer]);
      const what = `${operation}, ${concurrency.toLocaleString("en")} at once: ${ours} ÷ ${peer}`;
      return goalAtLeast(what, least, median(ratios));
    }),
  );
}
