/**
 * Question: what do the choices cost that cachewell made for its users: how many reads one command
 * carries, who listens to events, and how the near cache protects its values from changes?
 */
import { measureBatchSizes } from "./choices/batch-sizes.mjs";
import { measureListeners } from "./choices/listeners.mjs";
import { measureNearForms } from "./choices/near-forms.mjs";
import { appCore, otherCore, pin } from "./support/cores.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { goalAtMost, tableOf } from "./support/report.mjs";
import { requireAt } from "./support/require.mjs";

/** @import { SizeCost } from "./choices/batch-sizes.mjs" */
/** @import { ListenerCost } from "./choices/listeners.mjs" */
/** @import { FormCost } from "./choices/near-forms.mjs" */
/** @import { TurnSettings } from "./choices/turns.mjs" */
/** @import { BenchOptions, Report } from "./support/report.mjs" */

const full = { turns: 60, warmUps: 15, turnMs: 60 };
const quick = { turns: 12, warmUps: 6, turnMs: 40 };

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const settings = isQuick ? quick : full;
  pin(process.pid, appCore);
  return onRedis(async (server) => {
    pin(server.pid, otherCore);
    const sizes = await measureBatchSizes(server, settings);
    const listeners = await measureListeners(server, settings);
    const forms = await measureNearForms(settings);
    return {
      title: "Choices",
      how: describe(settings),
      tables: [sizeTable(sizes), listenerTable(listeners), formTable(forms)],
      goals: goalsOf({ sizes, forms }),
    };
  });
}

/** @param {TurnSettings} settings */
function describe({ turns, turnMs }) {
  return [
    `Medians of ${turns} turns of ${turnMs} ms each, by turns in one process, µs of its CPU.`,
    "Reads in one command: 1,024 reads are under way at any time, in `MGET`s of a bare node-redis, text to " +
      "object included. What the server does for one command, it does before anything else: by its own statistics.",
    "Events: an awaited `get` of 128 callers, with listeners for its events or without.",
    "A value that is near: what it costs to give it out once more, beside the value itself for all.",
  ].join("\n\n");
}

/** @param {readonly SizeCost[]} sizes */
function sizeTable(sizes) {
  const rows = sizes.map(({ size, readMicros, commandMicros }) => [
    size,
    readMicros.toFixed(2),
    commandMicros.toFixed(1),
  ]);
  return tableOf(["reads in one command", "µs a read", "µs of the server, a command"], rows, 0);
}

/** @param {readonly ListenerCost[]} listeners */
function listenerTable(listeners) {
  const rows = listeners.map(({ who, getMicros }) => [who, getMicros.toFixed(2)]);
  return tableOf(["who listens", "µs a get"], rows, 1);
}

/** @param {readonly FormCost[]} forms */
function formTable(forms) {
  const rows = forms.map(({ form, micros }) => [form, micros.toFixed(3)]);
  return tableOf(["given out", "µs"], rows, 1);
}

/** @param {{ sizes: readonly SizeCost[], forms: readonly FormCost[] }} costs */
function goalsOf({ sizes, forms }) {
  const best = Math.min(...sizes.map(({ readMicros }) => readMicros));
  const ours = requireAt(
    sizes.filter(({ isOurs }) => isOurs),
    0,
  );
  const shared = requireAt(forms, 0);
  const cheapest = Math.min(...forms.slice(1).map(({ micros }) => micros));
  return [
    goalAtMost("a read, 128 in a command ÷ the best of all sizes", 1.1, ours.readMicros / best),
    goalAtMost("frozen and shared ÷ the cheapest copy", 1, shared.micros / cheapest),
  ];
}
