/** @import { Contender } from "./contenders.mjs" */

/** @typedef {ReturnType<typeof settingsOf>} FaultSettings */

/** The default of `commandTimeout`; the goals follow from it. */
export const commandTimeoutMs = 500;
/** How late a timer may fire. */
export const lateMs = 25;

const full = {
  freezeMs: 60_000,
  downMs: 10_000,
  restarts: { ours: 20, peers: 5 },
  blackholeMs: 10_000,
  /** Further cuts, for ours alone: the link may heal at any moment between two attempts. */
  shortBlackholes: 4,
  healedWithinMs: 60_000,
  increments: 1_000,
  clients: 1_000,
};

/** @type {typeof full} */
const quick = {
  freezeMs: 6_000,
  downMs: 3_000,
  restarts: { ours: 3, peers: 1 },
  blackholeMs: 3_000,
  shortBlackholes: 2,
  healedWithinMs: 10_000,
  increments: 200,
  clients: 200,
};

/**
 * Returns how long and how often: for the record, or for a quick try.
 *
 * @param {{ isQuick: boolean }} options
 */
export function settingsOf({ isQuick }) {
  const { restarts, shortBlackholes, ...chosen } = isQuick ? quick : full;
  return {
    frozenCallsPerSecond: 5_000,
    callsPerSecond: 500,
    shortDownMs: 2_000,
    shortBlackholeMs: 3_000,
    stormDownMs: 3_000,
    stormProcesses: 4,
    stormEveryMs: 100,
    restarts: (/** @type {Contender} */ contender) =>
      contender === "cachewell" ? restarts.ours : restarts.peers,
    shortBlackholes: (/** @type {Contender} */ contender) =>
      contender === "cachewell" ? shortBlackholes : 0,
    ...chosen,
  };
}
