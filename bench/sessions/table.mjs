import { median } from "../support/measure.mjs";
import { medianOf, ratiosOf, spreadCells } from "../support/report.mjs";
import { requireAt } from "../support/require.mjs";
import { names, peer } from "./contenders.mjs";
import { workloads } from "./workloads.mjs";

/** @import { SessionContender } from "./contenders.mjs" */
/** @import { Round } from "./round.mjs" */
/** @import { Workload } from "./workloads.mjs" */

/** The contender that the goals are for. */
const judged = names[0];

/**
 * Returns the table of all rounds: medians, and ratios to connect-redis with their middle half.
 *
 * @param {readonly Round[]} rounds
 */
export function tableOf(rounds) {
  const titles = [
    "requests",
    "sessions kept by",
    "requests/s",
    `÷ ${peer}`,
    "middle half",
    "goal",
    "met",
    "µs CPU, application",
    `÷ ${peer}`,
    "middle half",
    "µs CPU, Redis",
  ];
  const rules = titles.map((_, index) => (index < 2 ? " --- |" : " ---: |"));
  const rows = workloads.flatMap((workload) =>
    names.map((name) => tableRow(workload, name, rounds)),
  );
  return [`| ${titles.join(" | ")} |`, `|${rules.join("")}`, ...rows].join("\n");
}

/**
 * Returns how far to trust a run: whether other processes were on the cores, and whether the load kept up.
 *
 * @param {readonly Round[]} rounds
 */
export function noteOf(rounds) {
  const figures = rounds.flat().map((turn) => turn.figures);
  const appShares = figures.map(({ appCoreShare }) => appCoreShare);
  const loadShares = figures.map(({ loadCoreShare }) => loadCoreShare);
  return (
    `The application had ${percent(median(appShares))} of a core, ${percent(Math.min(...appShares))} in the ` +
    `poorest turn; Redis and the load used ${percent(median(loadShares))} of one, ${percent(Math.max(...loadShares))} at most.`
  );
}

/**
 * @param {Workload} workload
 * @param {SessionContender} name
 * @param {readonly Round[]} rounds
 */
function tableRow(workload, name, rounds) {
  const own = figuresOf(name, workload, rounds);
  const theirs = figuresOf(peer, workload, rounds);
  const goal = name === judged ? workload.goal : undefined;
  const speed = ratiosOf("perSecond", own, theirs);
  const cells = [
    name === names[0] ? workload.title : "",
    name,
    Math.round(medianOf("perSecond", own)).toLocaleString("en"),
    ...(name === peer ? ["–", "–"] : spreadCells(speed)),
    goal === undefined ? "–" : `≥ ${goal.toFixed(1)}`,
    goal === undefined ? "–" : verdictOf(median(speed), goal),
    medianOf("appMicros", own).toFixed(1),
    ...(name === peer ? ["–", "–"] : spreadCells(ratiosOf("appMicros", own, theirs))),
    medianOf("redisMicros", own).toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

/**
 * @param {SessionContender} contender
 * @param {Workload} workload
 * @param {readonly Round[]} rounds
 */
function figuresOf(contender, workload, rounds) {
  return rounds.map((turns) => {
    const own = turns.filter((turn) => turn.contender === contender && turn.workload === workload);
    return requireAt(own, 0).figures;
  });
}

/**
 * The printed figure decides: a reader sees no more.
 *
 * @param {number} ratio
 * @param {number} goal
 */
function verdictOf(ratio, goal) {
  return Number(ratio.toFixed(2)) >= goal ? "yes" : "no";
}

/** @param {number} share */
function percent(share) {
  return `${Math.round(100 * share)} %`;
}
