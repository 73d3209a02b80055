/**
 * Question: how many requests does an Express application answer, and at what cost, with its sessions
 * kept by us, beside the same application with connect-redis?
 *
 * Application, Redis and load are processes of their own. The contenders take turns, each in a new process; a
 * ratio is taken within a round.
 * `--quick` makes it shorter: for a try, not for the record.
 */
import { startRedisServer } from "cachewell/testing";
import { enterAll, playRound } from "./sessions/round.mjs";
import { sessionFields } from "./sessions/session-fields.mjs";
import { noteOf, tableOf } from "./sessions/table.mjs";
import { canPin, otherCore, pin, putFirst } from "./support/cores.mjs";
import { machineOf } from "./support/machine.mjs";
import { peerVersions } from "./support/packages.mjs";
import { startWorker } from "./support/worker-process.mjs";

/** @import { LoadWorker, Round } from "./sessions/round.mjs" */
/** @import { BenchOptions } from "./support/report.mjs" */

/** @typedef {{ rounds: number, turnMs: number, warmUpMs: number }} SessionSettings */

const full = { rounds: 16, turnMs: 1_000, warmUpMs: 1_000 };
const quick = { rounds: 3, turnMs: 500, warmUpMs: 500 };

/** @param {BenchOptions} options */
export async function run({ isQuick }) {
  const settings = isQuick ? quick : full;
  const server = await startRedisServer();
  /** @type {LoadWorker} */
  const load = startWorker(new URL("sessions/load.mjs", import.meta.url));
  try {
    for (const { pid } of [server, load]) pin(pid, otherCore);
    const goesFirst = putFirst(server.pid);
    console.log(`${await machineOf(server)}; ${conditions(settings, goesFirst)}\n`);
    const place = { server, load, settings };
    await enterAll(place);
    /** @type {Round[]} */
    const rounds = [];
    for (let round = 0; round < settings.rounds; round += 1) {
      rounds.push(await playRound(place, round));
      console.error(`round ${round + 1} of ${settings.rounds}`);
    }
    for (const turns of rounds) printTurns(turns);
    console.log(`${tableOf(rounds)}\n\n${noteOf(rounds)}`);
  } finally {
    await load.stop();
    await server.stop();
  }
}

/**
 * @param {SessionSettings} settings
 * @param {boolean} goesFirst
 */
function conditions({ rounds, turnMs }, goesFirst) {
  const versions = peerVersions();
  const packages = ["express", "express-session", "connect-redis", "redis"];
  return [
    packages.map((name) => `${name} ${versions[name]}`).join(", "),
    canPin
      ? `the application held to one core, Redis${goesFirst ? ", which goes first there," : ""} and the load to another`
      : "no core of its own",
    `sessions of ${Buffer.byteLength(JSON.stringify(sessionFields(1_000)))} bytes as JSON`,
    `${rounds} rounds of ${turnMs / 1_000} s a turn and workload`,
  ].join("; ");
}

/**
 * Prints every turn to stderr.
 *
 * @param {Round} turns
 */
function printTurns(turns) {
  for (const { workload, contender, figures } of turns) {
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(2)}`);
    console.error(`${workload.title}, ${contender}: ${shown.join(", ")}`);
  }
}
