/** Runs all checks except the tests, one after the other, and stops at the first failure. */
import { isMain, run } from "./command.mjs";

/**
 * One check: a name for people, and its command line.
 *
 * @typedef {{ name: string, line: string }} Step
 */

/** @type {readonly Step[]} */
const steps = [
  { name: "setup", line: "node scripts/setup.mjs" },
  { name: "format", line: "biome check" },
  { name: "lint", line: "oxlint --type-aware src test scripts examples bench" },
  { name: "types", line: "tsc" },
  { name: "build", line: "npm run --silent build" },
  { name: "rings and rooms", line: "depcruise src" },
  { name: "sizes", line: "node scripts/check-house.mjs" },
  { name: "unused code", line: "knip" },
  { name: "exports", line: "node scripts/check-exports.mjs" },
  { name: "errors documented", line: "node scripts/check-errors-documented.mjs" },
  { name: "package", line: "node scripts/check-package.mjs" },
];

/**
 * Runs the steps in order, and logs the name and the duration of each.
 *
 * @param {readonly Step[]} planned
 * @param {{ run: typeof run, log: (text: string) => void }} tools
 * @returns {boolean} whether all of them passed
 */
export function runSteps(planned, { run: runCommand, log }) {
  return planned.every(({ name, line }) => {
    const [command = "", ...args] = line.split(" ");
    const startedMs = performance.now();
    const { ok, output } = runCommand(command, args);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    log(`${ok ? "✓" : "✗"} ${name} (${seconds} s)`);
    if (!ok) log(output);
    return ok;
  });
}

if (isMain(import.meta)) {
  const passed = runSteps(steps, { run, log: console.log });
  if (!passed) process.exitCode = 1;
}
