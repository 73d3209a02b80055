/**
 * Question: what do callers notice of a server, or a link, in trouble, beside the peers as they come?
 *
 * Every contender goes through a fault in a process and against a server of its own, one after the
 * other. `--quick` makes the faults shorter: for a try, not for the record.
 */
import { readFile } from "node:fs/promises";
import { startRedisServer } from "../dist/testing/index.js";
import * as blackholedNetwork from "./faults/blackholed-network.mjs";
import * as blackholedProxy from "./faults/blackholed-proxy.mjs";
import { contenders } from "./faults/contenders.mjs";
import { cellOf, goalOf, verdictOf } from "./faults/figures.mjs";
import * as frozenServer from "./faults/frozen-server.mjs";
import * as killedServer from "./faults/killed-server.mjs";
import * as lostReplies from "./faults/lost-replies.mjs";
import * as restartStorm from "./faults/restart-storm.mjs";
import { settingsOf } from "./faults/settings.mjs";
import { machine } from "./support/machine.mjs";

const faults = {
  frozenServer,
  killedServer,
  blackholedProxy,
  blackholedNetwork,
  lostReplies,
  restartStorm,
};
const names = Object.keys(contenders);

export async function run() {
  process.once("SIGINT", () => process.exit(130)); // or nothing would be tidied up
  const settings = settingsOf({ isQuick: process.argv.includes("--quick") });
  console.log(`${machine(await redisVersion())}\n`);
  console.log(tableHead());
  const skipped = [];
  for (const fault of Object.values(chosen())) {
    const obstacle = await fault.obstacle?.();
    if (obstacle) skipped.push(`Skipped: ${fault.title(settings)}, since ${obstacle}.`);
    else console.log(tableRows(fault, settings, await compare(fault, settings)));
  }
  console.log(`\n${[...skipped, await peerVersions()].join("\n\n")}`);
}

/** `--only=killedServer` leaves out the others. */
function chosen() {
  const only = process.argv.find((argument) => argument.startsWith("--only="))?.slice(7);
  if (only === undefined) return faults;
  if (Object.hasOwn(faults, only)) return { [only]: faults[only] };
  throw new Error(`There is no fault "${only}"; there are: ${Object.keys(faults).join(", ")}.`);
}

async function compare(fault, settings) {
  const results = [];
  for (const name of names) results.push(await measureOne(fault, name, settings));
  return results;
}

/** One that fails leaves the others their turn. What has no place in the table goes to stderr. */
async function measureOne(fault, name, settings) {
  try {
    const { note, ...values } = await fault.measure(name, settings);
    console.error(`${fault.title(settings)}: ${name} ${JSON.stringify({ ...values, note })}`);
    return values;
  } catch (error) {
    console.error(`${fault.title(settings)}: ${name} failed`, error);
    process.exitCode = 1;
    return Object.fromEntries(fault.figures.map(({ key }) => [key, "failed"]));
  }
}

function tableHead() {
  const [ours, ...peers] = names;
  const titles = ["fault", "figure", "goal", ours, "met", ...peers];
  const rules = titles.map((_, index) => (index < 2 ? " --- |" : " ---: |"));
  return `| ${titles.join(" | ")} |\n|${rules.join("")}`;
}

function tableRows(fault, settings, [ours, ...peers]) {
  const rows = fault.figures.map((figure, index) => [
    index === 0 ? fault.title(settings) : "",
    figure.title,
    goalOf(figure),
    cellOf(figure, ours[figure.key]),
    verdictOf(figure, ours[figure.key]),
    ...peers.map((values) => cellOf(figure, values[figure.key])),
  ]);
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

async function redisVersion() {
  const server = await startRedisServer();
  const answer = await server.cli("INFO", "server");
  await server.stop();
  return /redis_version:(\S+)/.exec(answer)?.[1];
}

async function peerVersions() {
  const packageFile = await readFile(new URL("package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(packageFile);
  const ioredis = dependencies.ioredis6.split("@").at(-1);
  return `Peers: @redis/client ${dependencies["@redis/client"]}, ioredis ${ioredis}.`;
}
