/** The default of `commandTimeout`, which the goals are made from. */
export const commandTimeoutMs = 500;
/** What a timer may be late by. */
export const lateMs = 25;

const full = {
  freezeMs: 60_000,
  downMs: 10_000,
  restarts: (contender) => (contender === "cachewell" ? 20 : 5),
  blackholeMs: 10_000,
  /** Further times the link is cut, for ours: it may be healed at any moment between two attempts. */
  shortBlackholes: (contender) => (contender === "cachewell" ? 4 : 0),
  healedWithinMs: 60_000,
  increments: 1_000,
  clients: 1_000,
};

const quick = {
  ...full,
  freezeMs: 6_000,
  downMs: 3_000,
  restarts: (contender) => (contender === "cachewell" ? 3 : 1),
  blackholeMs: 3_000,
  shortBlackholes: (contender) => (contender === "cachewell" ? 2 : 0),
  healedWithinMs: 10_000,
  increments: 200,
  clients: 200,
};

/** Returns how long and how often: for the record, or for a quick try. */
export function settingsOf({ isQuick }) {
  return {
    frozenCallsPerSecond: 5_000,
    callsPerSecond: 500,
    shortDownMs: 2_000,
    shortBlackholeMs: 3_000,
    stormDownMs: 3_000,
    stormProcesses: 4,
    stormEveryMs: 100,
    ...(isQuick ? quick : full),
  };
}
