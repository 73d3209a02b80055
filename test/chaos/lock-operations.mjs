import { setTimeout as wait } from "node:timers/promises";

const doors = 12;
const longestWorkMs = 30;

/** @type {import("./operations.mjs").Operation} */
export const lock = async ({ subject, checker, random, locks, counters }) => {
  const door = `door:${random.whole(1, doors)}`;
  const waitMs = random.whole(0, 300);
  const options = { ttl: "5s", wait: waitMs / 1_000, retryDelay: "50ms" };
  const { epoch } = counters;
  const taken = await checker.watch(subject, lockCall("lock", waitMs), () =>
    subject.cache.lock(door, options),
  );
  if (!taken) return;
  locks.took(`${subject.name}/${door}`, taken, epoch);
  await wait(random.whole(0, longestWorkMs));
  if (random.chance(0.3)) {
    await checker.watch(subject, lockCall("lock.extend", 0), () => taken.extend());
  }
  locks.givesBack(taken);
  await checker.watch(subject, lockCall("lock.release", 0), () => taken.release());
};

/** @type {import("./operations.mjs").Operation} */
export const withLock = async ({ subject, checker, random, locks, counters }) => {
  const door = `door:${random.whole(1, doors)}`;
  const waitMs = random.whole(0, 300);
  const options = { ttl: "5s", wait: waitMs / 1_000, retryDelay: "50ms" };
  const { epoch } = counters;
  const { commands, ...rest } = lockCall("withLock", waitMs + longestWorkMs);
  await checker.watch(subject, { ...rest, commands: 2 * commands }, () =>
    subject.cache.withLock(door, options, async (_signal, taken) => {
      locks.took(`${subject.name}/${door}`, taken, epoch);
      await wait(random.whole(0, longestWorkMs));
      locks.givesBack(taken);
    }),
  );
};

/**
 * @param {string} operation
 * @param {number} moreMs
 */
function lockCall(operation, moreMs) {
  const mayFailWith = ["LOCK_TIMEOUT", "LOCK_LOST"];
  return { operation, commands: 2, moreMs, mayFailWith, alwaysRejects: true };
}
