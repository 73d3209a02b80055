import { outcomes } from "./open-loop-load.mjs";

/** @import { CallRecords } from "./open-loop-load.mjs" */

/** @typedef {{ fromMs: number, toMs: number }} Span */
/** @typedef {{ issuedAtMs: number, waitMs: number, outcome: number }} CallRecord */

/** How many calls in a row must fail at once before a span counts as failing at once. */
const inARow = 100;
const atOnceMs = 1;

/**
 * Returns the longest wait of the calls that ended at `fromMs` or later, or never settled.
 *
 * @param {CallRecords} records
 * @param {number} fromMs
 */
export function longestWait(records, fromMs) {
  const waits = callsOf(records)
    .filter((call) => call.issuedAtMs + call.waitMs >= fromMs)
    .map(({ waitMs }) => waitMs);
  return waits.reduce((longest, waitMs) => Math.max(longest, waitMs), 0);
}

/**
 * Returns how many calls were made within a span, and how many of them settled within it.
 *
 * @param {CallRecords} records
 * @param {Span} span
 */
export function settledWithin(records, span) {
  const made = callsWithin(records, span);
  return { made: made.length, settled: made.filter(isSettledBy(span.toMs)).length };
}

/**
 * Returns how many calls never settled.
 *
 * @param {CallRecords} records
 */
export function unsettled({ outcome }) {
  return outcome.reduce((count, one) => count + (one === outcomes.unsettled ? 1 : 0), 0);
}

/**
 * Returns from when on, within a span, calls fail within a millisecond, many in a row; `Infinity` if they never do.
 *
 * @param {CallRecords} records
 * @param {Span} span
 */
export function failsAtOnceFrom(records, span) {
  let failing = 0;
  let sinceMs = Infinity;
  for (const { issuedAtMs, waitMs, outcome } of callsWithin(records, span)) {
    const fails = outcome === outcomes.failed && waitMs <= atOnceMs;
    if (failing === 0) sinceMs = issuedAtMs;
    failing = fails ? failing + 1 : 0;
    if (failing === inARow) return sinceMs;
  }
  return Infinity;
}

/**
 * Returns the wait that a share of the calls made within a span did not exceed; `undefined` without calls.
 *
 * @param {CallRecords} records
 * @param {Span} span
 * @param {number} share
 */
export function waitQuantile(records, span, share) {
  return quantile(
    callsWithin(records, span).map(({ waitMs }) => waitMs),
    share,
  );
}

/**
 * Returns the value that a share of the values do not exceed; `undefined` without values.
 *
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/**
 * @param {CallRecords} records
 * @returns {CallRecord[]}
 */
function callsOf(records) {
  return Array.from(records.issuedAtMs, (issuedAtMs, index) => ({
    issuedAtMs,
    waitMs: records.waitMs[index] ?? Number.NaN, // the three arrays have one length
    outcome: records.outcome[index] ?? outcomes.unsettled,
  }));
}

/**
 * @param {CallRecords} records
 * @param {Span} span
 */
function callsWithin(records, { fromMs, toMs }) {
  return callsOf(records).filter(({ issuedAtMs }) => issuedAtMs >= fromMs && issuedAtMs < toMs);
}

/** @param {number} atMs */
function isSettledBy(atMs) {
  return (/** @type {CallRecord} */ { issuedAtMs, waitMs, outcome }) =>
    outcome !== outcomes.unsettled && issuedAtMs + waitMs <= atMs;
}
