/**
 * Question: how many requests does an Express application answer, and at what cost, with its sessions
 * kept by us, beside the same application with connect-redis?
 *
 * Application, Redis and load are processes of their own. The contenders take turns, each in a process that is
 * new; a ratio is taken within a round.
 * `--quick` makes it shorter: for a try, not for the record.
 */
import { readFile } from "node:fs/promises";
import { startRedisServer } from "../dist/testing/index.js";
import { startWorker } from "./faults/worker-process.mjs";
import { canPin, otherCore, pin, putFirst } from "./sessions/cores.mjs";
import { enterAll, playRound } from "./sessions/round.mjs";
import { sessionFields } from "./sessions/session-fields.mjs";
import { noteOf, tableOf } from "./sessions/table.mjs";
import { machine } from "./support/machine.mjs";

const full = { rounds: 16, turnMs: 1_000, warmUpMs: 1_000 };
const quick = { rounds: 3, turnMs: 500, warmUpMs: 500 };

export async function run() {
  process.once("SIGINT", () => process.exit(130)); // or nothing would be tidied up
  const settings = process.argv.includes("--quick") ? quick : full;
  const server = await startRedisServer();
  const load = startWorker(new URL("sessions/load.mjs", import.meta.url));
  try {
    for (const { pid } of [server, load]) pin(pid, otherCore);
    const goesFirst = putFirst(server.pid);
    const version = /redis_version:(\S+)/.exec(await server.cli("INFO", "server"))?.[1];
    console.log(`${machine(version)}; ${await conditions(settings, goesFirst)}\n`);
    const place = { server, load, settings };
    await enterAll(place);
    const rounds = [];
    for (let round = 0; round < settings.rounds; round += 1) {
      rounds.push(await playRound(place, round));
      console.error(`round ${round + 1} of ${settings.rounds}`);
    }
    for (const turns of rounds) tell(turns);
    console.log(`${tableOf(rounds)}\n\n${noteOf(rounds)}`);
  } finally {
    await load.stop();
    await server.stop();
  }
}

async function conditions({ rounds, turnMs }, goesFirst) {
  const packageFile = await readFile(new URL("package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(packageFile);
  const packages = ["express", "express-session", "connect-redis", "redis"];
  return [
    packages.map((name) => `${name} ${dependencies[name]}`).join(", "),
    canPin
      ? `the application held to one core, Redis${goesFirst ? ", which goes first there," : ""} and the load to another`
      : "no core of its own",
    `sessions of ${Buffer.byteLength(JSON.stringify(sessionFields(1_000)))} bytes as JSON`,
    `${rounds} rounds of ${turnMs / 1_000} s a turn and workload`,
  ].join("; ");
}

/** Every single turn goes to stderr. */
function tell(turns) {
  for (const { workload, contender, figures } of turns) {
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(2)}`);
    console.error(`${workload.title}, ${contender}: ${shown.join(", ")}`);
  }
}
