/**
 * Question: how many requests does an Express application answer, and at what cost, with its sessions
 * kept by us, beside the same application with connect-redis?
 *
 * Application, Redis and load are processes of their own. Contenders take turns within each round,
 * their order moves on with it, and each round has new processes; a ratio is taken within a round.
 * `--quick` makes it shorter: for a try, not for the record.
 */
import { readFile } from "node:fs/promises";
import { startRedisServer } from "../dist/testing/index.js";
import { startWorker } from "./faults/worker-process.mjs";
import { appCore, canPin, loadCore, pin } from "./sessions/cores.mjs";
import { playRound } from "./sessions/round.mjs";
import { sessionFields } from "./sessions/session-fields.mjs";
import { noteOf, tableOf } from "./sessions/table.mjs";
import { machine } from "./support/machine.mjs";

const full = { rounds: 7, turnMs: 4_000, warmUpMs: 1_500 };
const quick = { rounds: 3, turnMs: 1_000, warmUpMs: 500 };

export async function run() {
  process.once("SIGINT", () => process.exit(130)); // or nothing would be tidied up
  const settings = process.argv.includes("--quick") ? quick : full;
  const server = await startRedisServer();
  const load = startWorker(new URL("sessions/load.mjs", import.meta.url));
  try {
    pin(server.pid, appCore);
    pin(load.pid, loadCore);
    const version = /redis_version:(\S+)/.exec(await server.cli("INFO", "server"))?.[1];
    console.log(`${machine(version)}; ${await conditions(settings)}\n`);
    const rounds = [];
    for (let round = 0; round < settings.rounds; round += 1) {
      rounds.push(await playRound({ server, load, settings }, round));
      tell(`round ${round + 1} of ${settings.rounds}`, rounds.at(-1));
    }
    console.log(`${tableOf(rounds)}\n\n${noteOf(rounds)}`);
  } finally {
    await load.stop();
    await server.stop();
  }
}

async function conditions({ rounds, turnMs }) {
  const packageFile = await readFile(new URL("package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(packageFile);
  const packages = ["express", "express-session", "connect-redis", "redis"];
  return [
    packages.map((name) => `${name} ${dependencies[name]}`).join(", "),
    canPin ? "application and Redis held to one core, the load to another" : "no core of its own",
    `sessions of ${Buffer.byteLength(JSON.stringify(sessionFields(1_000)))} bytes as JSON`,
    `${rounds} rounds of ${turnMs / 1_000} s a turn`,
  ].join("; ");
}

/** Every single turn goes to stderr. */
function tell(round, turns) {
  for (const { workload, contender, figures } of turns) {
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(2)}`);
    console.error(`${round}: ${workload.title}, ${contender}: ${shown.join(", ")}`);
  }
}
