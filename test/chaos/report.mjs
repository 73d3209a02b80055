import { handlesText } from "./vitals.mjs";

/**
 * The outcome of a run.
 *
 * @typedef {object} Outcome
 * @property {number} seed what the faults were drawn with
 * @property {number} seconds how long the load lasted
 * @property {import("./checker.mjs").Checker} checker what judged the calls
 * @property {import("./counters.mjs").Counters} counters what judged the counts
 * @property {import("./locks.mjs").LockBook} locks what judged the locks
 * @property {import("./heart.mjs").Heart} heart what measured the event loop
 * @property {number} visits caches that callers opened and closed
 * @property {ReadonlyMap<string, number>} faults how many of each kind
 * @property {import("./vitals.mjs").Vitals | undefined} before after the warm-up
 * @property {import("./vitals.mjs").Vitals | undefined} after at the end
 */

/**
 * Returns the report of a run.
 *
 * @param {Outcome} outcome
 */
export function reportOf(outcome) {
  const { checker, counters, locks, heart, before, after } = outcome;
  const rows = [
    ["seed", outcome.seed],
    ["seconds", outcome.seconds.toFixed(0)],
    ["calls", checker.calls],
    ["settled", checker.settled],
    ["answered, fallbacks aside", checker.succeeded],
    ["errors", countsText(checker.errors)],
    ["longest wait", `${checker.longestWaitMs.toFixed(0)} ms`],
    [
      "longest beyond its bound",
      `${checker.longestBeyondMs.toFixed(0)} ms, without what the event loop was late`,
    ],
    [
      "event loop",
      `${heart.latestMs.toFixed(0)} ms late at most, ${(heart.lateMs / 1_000).toFixed(1)} s in all`,
    ],
    [
      "values read, wrong owners",
      `${checker.valuesRead}, ${checker.findings.count("a reply reached another caller")}`,
    ],
    [
      "counters judged, wrong",
      `${counters.judged} (${counters.callsJudged} calls), ${checker.findings.count("a counter is wrong")}`,
    ],
    ["locks taken", locks.taken],
    [
      "recoveries judged, longest",
      `${checker.recoveriesJudged}, ${checker.longestRecoveryMs.toFixed(0)} ms`,
    ],
    ["caches opened and closed", outcome.visits],
    ["heap before, after", `${mebibytes(before?.heapMiB)}, ${mebibytes(after?.heapMiB)}`],
    ["buffers before, after", `${mebibytes(before?.buffersMiB)}, ${mebibytes(after?.buffersMiB)}`],
    ["handles before", before ? handlesText(before.handles) : "-"],
    ["handles after", after ? handlesText(after.handles) : "-"],
    ["connections before, after", `${before?.clients ?? "-"}, ${after?.clients ?? "-"}`],
    ["faults", countsText(outcome.faults)],
  ];
  const table = rows.map(([name, value]) => `${String(name).padEnd(32)}${value}`);
  return [...table, "", ...verdict(checker.findings.lines())].join("\n");
}

/** @param {readonly string[]} findings */
function verdict(findings) {
  return findings.length === 0 ? ["No rule was broken."] : ["RULES BROKEN:", ...findings];
}

/** @param {ReadonlyMap<string, number>} counts */
function countsText(counts) {
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
  return sorted.map(([name, count]) => `${name} ${count}`).join(", ") || "none";
}

/** @param {number | undefined} size */
function mebibytes(size) {
  return size === undefined ? "-" : `${size.toFixed(1)} MiB`;
}
