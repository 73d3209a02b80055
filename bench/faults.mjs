/**
 * Question: what do callers notice of a server, or a link, in trouble, beside the peers with their defaults?
 *
 * Every contender goes through a fault in a process and against a server of its own, one after the
 * other. `--quick` makes the faults shorter: for a try, not for the record. `--only killedServer`
 * leaves out the others.
 */
import * as blackholedNetwork from "./faults/blackholed-network.mjs";
import * as blackholedProxy from "./faults/blackholed-proxy.mjs";
import { names } from "./faults/contenders.mjs";
import { cellOf, goalOf, verdictOf } from "./faults/figures.mjs";
import * as frozenServer from "./faults/frozen-server.mjs";
import * as killedServer from "./faults/killed-server.mjs";
import * as lostReplies from "./faults/lost-replies.mjs";
import * as restartStorm from "./faults/restart-storm.mjs";
import { settingsOf } from "./faults/settings.mjs";
import { machineOf } from "./support/machine.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { peerVersions } from "./support/packages.mjs";
import { requireEntry } from "./support/require.mjs";

/** @import { Contender } from "./faults/contenders.mjs" */
/** @import { FaultFigure, FigureValue } from "./faults/figures.mjs" */
/** @import { FaultSettings } from "./faults/settings.mjs" */
/** @import { BenchOptions } from "./support/report.mjs" */

/** @typedef {Readonly<Record<string, FigureValue>>} FaultValues by the keys of the figures */

/**
 * A fault: its rows, why this machine cannot measure it, where it cannot, and a measurement of one
 * contender. A `note` goes to stderr.
 *
 * @typedef {{
 *   title: (settings: FaultSettings) => string,
 *   figures: readonly FaultFigure[],
 *   obstacle?: () => Promise<string | undefined>,
 *   measure: (contender: Contender, settings: FaultSettings) => Promise<{ note: unknown }>,
 * }} Fault
 */

/** @type {Readonly<Record<string, Fault>>} */
const faults = {
  frozenServer,
  killedServer,
  blackholedProxy,
  blackholedNetwork,
  lostReplies,
  restartStorm,
};

/** @param {BenchOptions} options */
export async function run({ isQuick, only }) {
  const chosen = only === undefined ? faults : { [only]: requireEntry(faults, only) };
  const settings = settingsOf({ isQuick });
  console.log(`${await onRedis(machineOf)}\n`);
  console.log(tableHead());
  const skipped = [];
  for (const fault of Object.values(chosen)) {
    const obstacle = await fault.obstacle?.();
    if (obstacle) skipped.push(`Skipped: ${fault.title(settings)}, since ${obstacle}.`);
    else console.log(tableRows(fault, settings, await compare(fault, settings)));
  }
  console.log(`\n${[...skipped, peersText()].join("\n\n")}`);
}

/**
 * @param {Fault} fault
 * @param {FaultSettings} settings
 */
async function compare(fault, settings) {
  /** @type {FaultValues[]} */
  const results = [];
  for (const name of names) results.push(await measureOne(fault, name, settings));
  return results;
}

/**
 * Measures one contender. If it fails, the others still take their turns.
 *
 * @param {Fault} fault
 * @param {Contender} name
 * @param {FaultSettings} settings
 * @returns {Promise<FaultValues>}
 */
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

/**
 * @param {Fault} fault
 * @param {FaultSettings} settings
 * @param {readonly FaultValues[]} results in the order of `names`
 */
function tableRows(fault, settings, [ours, ...peers]) {
  const rows = fault.figures.map((figure, index) => [
    index === 0 ? fault.title(settings) : "",
    figure.title,
    goalOf(figure),
    cellOf(figure, ours?.[figure.key]),
    verdictOf(figure, ours?.[figure.key]),
    ...peers.map((values) => cellOf(figure, values[figure.key])),
  ]);
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function peersText() {
  const versions = peerVersions();
  const ioredis = versions["ioredis6"]?.split("@").at(-1);
  return `Peers: @redis/client ${versions["@redis/client"]}, ioredis ${ioredis}.`;
}
