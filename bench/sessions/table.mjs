import { median, quantile } from "../support/measure.mjs";
import { contenders, peer } from "./contenders.mjs";
import { workloads } from "./workloads.mjs";

const names = Object.keys(contenders);
/** For whom the goals are. */
const judged = names[0];

/** Returns the table of all rounds: medians, and ratios against connect-redis with the middle half of them. */
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

/** Says how far a run can be trusted: who else was on the cores, and whether the load kept up. */
export function noteOf(rounds) {
  const figures = rounds.flat().map((turn) => turn.figures);
  const appShares = figures.map(({ appCoreShare }) => appCoreShare);
  const loadShares = figures.map(({ loadCoreShare }) => loadCoreShare);
  return (
    `The application had ${percent(median(appShares))} of a core, ${percent(Math.min(...appShares))} in the ` +
    `poorest turn; Redis and the load used ${percent(median(loadShares))} of one, ${percent(Math.max(...loadShares))} at most.`
  );
}

function tableRow(workload, name, rounds) {
  const figuresOf = (contender) =>
    rounds.map(
      (turns) =>
        turns.find((turn) => turn.contender === contender && turn.workload === workload).figures,
    );
  const [own, theirs] = [figuresOf(name), figuresOf(peer)];
  const goal = name === judged ? workload.goal : undefined;
  const speed = ratiosOf("perSecond", own, theirs);
  const cells = [
    name === names[0] ? workload.title : "",
    name,
    Math.round(medianOf("perSecond", own)).toLocaleString("en"),
    ...(name === peer ? ["–", "–"] : cellsOf(speed)),
    goal === undefined ? "–" : `≥ ${goal.toFixed(1)}`,
    goal === undefined ? "–" : verdictOf(median(speed), goal),
    medianOf("appMicros", own).toFixed(1),
    ...(name === peer ? ["–", "–"] : cellsOf(ratiosOf("appMicros", own, theirs))),
    medianOf("redisMicros", own).toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

function medianOf(figure, turns) {
  return median(turns.map((figures) => figures[figure]));
}

function ratiosOf(figure, own, theirs) {
  return own.map((figures, round) => figures[figure] / theirs[round][figure]);
}

function cellsOf(ratios) {
  const spread = [quantile(ratios, 0.25), quantile(ratios, 0.75)].map((ratio) => ratio.toFixed(2));
  return [median(ratios).toFixed(2), spread.join(" to ")];
}

/** By what is printed: a reader cannot see further. */
function verdictOf(ratio, goal) {
  return Number(ratio.toFixed(2)) >= goal ? "yes" : "no";
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}
