/**
 * Question: what does a call cost, beside another build of cachewell and the client underneath?
 *
 * `npm run bench -- versions --base <folder or commit>`. The folder is a checkout that has been built, or
 * its `dist`; a commit is built aside. This build, the base and the tuned node-redis take turns on one
 * server, each turn a process of its own that plays all cases. A ratio is taken within a round of the
 * three; the order of the builds alternates from round to round.
 */

import { otherCore, pin } from "./support/cores.mjs";
import { machineOf } from "./support/machine.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { resolveBuild } from "./versions/build.mjs";
import { playRound, settingsOf } from "./versions/round.mjs";
import { costTable, speedTable } from "./versions/table.mjs";

/** @import { Report, BenchOptions } from "./support/report.mjs" */
/** @import { Round } from "./versions/round.mjs" */

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick, base }) {
  if (base === undefined)
    throw new Error("Name the other build: npm run bench -- versions --base <folder or commit>.");
  const settings = settingsOf({ isQuick });
  const build = resolveBuild(base);
  try {
    return await onRedis(async (server) => {
      pin(server.pid, otherCore);
      /** @type {Round[]} */
      const rounds = [];
      for (let round = 0; round < settings.rounds; round += 1) {
        rounds.push(await playRound({ server, settings, base: build.url }, round));
        console.error(`round ${round + 1} of ${settings.rounds}`);
      }
      return {
        title: `This build beside ${base}`,
        how: `${await machineOf(server)}.\n\n${describe(settings)}`,
        tables: [costTable(rounds), speedTable(rounds)],
        goals: [],
      };
    });
  } finally {
    build.dispose();
  }
}

/** @param {ReturnType<typeof settingsOf>} settings */
function describe({ rounds, beats, turnMs }) {
  return (
    `${rounds} rounds of three turns, each turn a new process: after a warm-up, the median of ${beats} stretches of ` +
    `${turnMs} ms per case. First the CPU of that process per call, then calls per second, whose ratio to the tuned ` +
    "node-redis is that of RESULTS.md. Medians of the rounds, with their middle halves; above 1, the first name is better. " +
    "On a machine that does other things too, the ratios of CPU are the steadier ones."
  );
}
