/**
 * Measures what is named on the command line, or everything that is quick: `npm run bench`,
 * `npm run bench -- operations`, `npm run bench -- faults`,
 * `npm run bench -- cost --against=<commit>`. Installs the peers first when they are missing.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const usual = ["operations"];
/** These take minutes, or have to be told something. */
const onlyByName = ["faults", "cost", "sessions"];
const all = [...usual, ...onlyByName];
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));

for (const name of asked) {
  if (!all.includes(name))
    throw new Error(`There is no bench "${name}"; there are: ${all.join(", ")}.`);
}
if (!existsSync(new URL("node_modules", import.meta.url))) {
  execFileSync("npm", ["ci"], { cwd: here, stdio: "inherit" });
}
for (const name of asked.length > 0 ? asked : usual) {
  const { run } = await import(`./${name}.mjs`);
  await run();
}
