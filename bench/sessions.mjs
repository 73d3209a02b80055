/**
 * Question: how many requests does an Express application answer, and at what cost, with its sessions
 * kept by us, beside the same application with connect-redis?
 *
 * Application, Redis and load are processes of their own. Each contender takes short turns with connect-redis,
 * beat by beat, and each generation has new processes; a ratio is taken within a beat.
 * `--quick` makes it shorter: for a try, not for the record.
 */
import { readFile } from "node:fs/promises";
import { startRedisServer } from "../dist/testing/index.js";
import { startWorker } from "./faults/worker-process.mjs";
import { canPin, otherCore, pin, putFirst } from "./sessions/cores.mjs";
import { playGeneration } from "./sessions/round.mjs";
import { sessionFields } from "./sessions/session-fields.mjs";
import { noteOf, tableOf } from "./sessions/table.mjs";
import { machine } from "./support/machine.mjs";

const full = { generations: 4, beats: 10, turnMs: 400, warmUpMs: 1_000 };
const quick = { generations: 1, beats: 8, turnMs: 300, warmUpMs: 1_000 };

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
    const beats = [];
    for (let generation = 0; generation < settings.generations; generation += 1) {
      beats.push(...(await playGeneration({ server, load, settings })));
      console.error(`generation ${generation + 1} of ${settings.generations}`);
    }
    for (const turns of beats) tell(turns);
    console.log(`${tableOf(beats)}\n\n${noteOf(beats)}`);
  } finally {
    await load.stop();
    await server.stop();
  }
}

async function conditions({ generations, beats, turnMs }, goesFirst) {
  const packageFile = await readFile(new URL("package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(packageFile);
  const packages = ["express", "express-session", "connect-redis", "redis"];
  return [
    packages.map((name) => `${name} ${dependencies[name]}`).join(", "),
    canPin
      ? `the application held to one core, Redis${goesFirst ? ", which goes first there," : ""} and the load to another`
      : "no core of its own",
    `sessions of ${Buffer.byteLength(JSON.stringify(sessionFields(1_000)))} bytes as JSON`,
    `${generations} × ${beats} beats of ${turnMs / 1_000} s a turn`,
  ].join("; ");
}

/** Every single turn goes to stderr. */
function tell(turns) {
  for (const { workload, contender, figures } of turns) {
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(2)}`);
    console.error(`${workload.title}, ${contender}: ${shown.join(", ")}`);
  }
}
