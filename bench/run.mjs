/**
 * Runs the benches that the command line names, or every question of RESULTS.md:
 *
 *   npm run bench                                       a quarter of an hour
 *   npm run bench -- --quick                            two minutes
 *   npm run bench -- reads                              one question
 *   npm run bench -- results                            writes RESULTS.md
 *   npm run bench -- versions --base <folder or commit> this build beside another
 *
 * Installs the peers first when they are missing.
 */
import { parseArgs } from "node:util";
import { questions } from "./questions.mjs";
import { preparePackages } from "./support/packages.mjs";
import { textOf } from "./support/report.mjs";

/** @import { Bench } from "./support/report.mjs" */

/** These have pages of their own, need options, or write files. */
const onlyByName = ["results", "profile", "faults", "versions", "sessions"];
const all = [...questions, ...onlyByName];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    base: { type: "string" },
    only: { type: "string" },
  },
});
for (const name of positionals) {
  if (!all.includes(name))
    throw new Error(`There is no bench "${name}"; there are: ${all.join(", ")}.`);
}
preparePackages();
process.once("SIGINT", () => process.exit(130)); // so that `exit` handlers end the servers
for (const name of positionals.length > 0 ? positionals : questions) {
  /** @type {Bench} */
  const bench = await import(`./${name}.mjs`);
  const report = await bench.run({ isQuick: values.quick, base: values.base, only: values.only });
  if (report) console.log(`${textOf(report)}\n`);
}
