/**
 * Measures what is named on the command line, or every question of RESULTS.md, in a quarter of an hour:
 * `npm run bench`, `npm run bench -- reads`, `npm run bench -- --quick`, which takes two minutes,
 * `npm run bench -- faults`, `npm run bench -- cost --against=<commit>`. `npm run bench -- results`
 * measures the questions and writes RESULTS.md. Installs the peers first when they are missing.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { questions } from "./questions.mjs";
import { textOf } from "./support/report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
/** These have pages of their own, or have to be told something, or write files. */
const onlyByName = ["results", "profile", "faults", "cost", "sessions"];
const all = [...questions, ...onlyByName];
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const isQuick = process.argv.includes("--quick");

for (const name of asked) {
  if (!all.includes(name))
    throw new Error(`There is no bench "${name}"; there are: ${all.join(", ")}.`);
}
const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const isMissing = (name) => !existsSync(new URL(`node_modules/${name}`, import.meta.url));
if (Object.keys(dependencies).some(isMissing)) {
  execFileSync("npm", ["ci"], { cwd: here, stdio: "inherit" });
}
process.once("SIGINT", () => process.exit(130)); // or nothing would be tidied up
for (const name of asked.length > 0 ? asked : questions) {
  const { run } = await import(`./${name}.mjs`);
  const report = await run({ isQuick });
  if (report) console.log(`${textOf(report)}\n`);
}
