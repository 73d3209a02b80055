import { outcomes } from "./open-loop-load.mjs";

/** How many calls in a row make out that they fail at once from then on. */
const inARow = 100;
const atOnceMs = 1;

/** Returns the longest wait of the calls that were not over before `fromMs`, those never settled included. */
export function longestWait(records, fromMs) {
  let longest = 0;
  for (const [index, waitMs] of records.waitMs.entries()) {
    if (records.issuedAtMs[index] + waitMs >= fromMs) longest = Math.max(longest, waitMs);
  }
  return longest;
}

/** Returns how many calls were made within a span, and how many of them settled within it. */
export function settledWithin(records, { fromMs, toMs }) {
  let made = 0;
  let settled = 0;
  for (const index of issuedWithin(records, { fromMs, toMs })) {
    made += 1;
    if (isSettledBy(records, index, toMs)) settled += 1;
  }
  return { made, settled };
}

/** Returns how many calls never settled. */
export function unsettled({ outcome }) {
  return outcome.reduce((count, one) => count + (one === outcomes.unsettled ? 1 : 0), 0);
}

/** Returns from when on, within a span, calls fail within a millisecond, many in a row; `Infinity` when they never do. */
export function failsAtOnceFrom(records, span) {
  let run = [];
  for (const index of issuedWithin(records, span)) {
    const fails = records.outcome[index] === outcomes.failed && records.waitMs[index] <= atOnceMs;
    if (!fails) run = [];
    else if (run.push(index) === inARow) return records.issuedAtMs[run[0]];
  }
  return Infinity;
}

/** Returns the wait which a share of the calls made within a span did not exceed; `undefined` where there are none. */
export function waitQuantile(records, span, share) {
  return quantile(
    issuedWithin(records, span).map((index) => records.waitMs[index]),
    share,
  );
}

/** Returns the value which a share of the values do not exceed; `undefined` where there are none. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

function issuedWithin({ issuedAtMs }, { fromMs, toMs }) {
  const found = [];
  for (const [index, atMs] of issuedAtMs.entries()) {
    if (atMs >= fromMs && atMs < toMs) found.push(index);
  }
  return found;
}

function isSettledBy({ issuedAtMs, waitMs, outcome }, index, atMs) {
  return outcome[index] !== outcomes.unsettled && issuedAtMs[index] + waitMs[index] <= atMs;
}
