/**
 * Random faults under load: caches over a redis-server of their own and a proxy that fails, and a
 * checker of what the library promises whatever happens.
 *
 *   node --expose-gc test/chaos/chaos.mjs [--seconds 600] [--seed N] [--calls 200]
 *
 * `--calls` is how many calls are under way at once. The same seed gives the same faults in the
 * same order. Ctrl-C ends it early, with the report. The exit code is 1 when a rule was broken.
 */
import { parseArgs } from "node:util";
import { ChaosRun } from "./run.mjs";

/** How long the process may take to end once everything is closed. */
const endsWithinMs = 5_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: `${Math.floor(Math.random() * 2 ** 31)}` },
    calls: { type: "string", default: "200" },
  },
});

const run = new ChaosRun({
  seconds: wholeOf("seconds", values.seconds),
  seed: wholeOf("seed", values.seed),
  calls: wholeOf("calls", values.calls),
});
process.once("SIGINT", () => run.endEarly());
print(`seed ${values.seed}`);
const { report, isGood } = await run.toItsEnd();
print(report);
process.exitCode = isGood ? 0 : 1;

// It fires only where something else keeps the process alive.
setTimeout(() => {
  const kept = process.getActiveResourcesInfo().join(", ");
  print(`RULES BROKEN:\nthe process does not end: ${kept}`);
  process.exit(1);
}, endsWithinMs).unref();

/**
 * @param {string} name
 * @param {string} text
 */
function wholeOf(name, text) {
  if (!/^\d+$/.test(text)) throw new TypeError(`--${name} must be a whole number, got ${text}.`);
  return Number(text);
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}
