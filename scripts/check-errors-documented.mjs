/** Checks that `docs/errors.md` and the error classes agree, both ways. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isMain, projectRoot, report } from "./command.mjs";

/**
 * Lists the error classes without a section that names their code, and the sections without a class.
 *
 * @param {string} source the text of the files that define the classes
 * @param {string} page the text of `docs/errors.md`
 * @returns {string[]}
 */
export function findErrorProblems(source, page) {
  const codes = readCodes(source);
  const sections = readSections(page);

  const undocumented = [...codes]
    .filter(([name, code]) => !sections.get(name)?.includes(`\`${code}\``))
    .map(([name, code]) => `docs/errors.md lacks a section "## ${name}" that names \`${code}\``);
  const unknown = [...sections.keys()]
    .filter((name) => !codes.has(name))
    .map((name) => `docs/errors.md describes ${name}, which src/contracts lacks`);
  return [...undocumented, ...unknown];
}

/**
 * Reads each exported class with its literal code; an abstract class has none.
 *
 * @param {string} source
 * @returns {Map<string, string>}
 */
function readCodes(source) {
  const classes = source.split(/^export class /m).slice(1);
  return new Map(
    classes.map((text) => [
      /^\w+/.exec(text)?.[0] ?? "",
      /\bcode = "([A-Z_]+)"/.exec(text)?.[1] ?? "a literal code",
    ]),
  );
}

/**
 * Reads the sections headed by the name of an error.
 *
 * @param {string} page
 * @returns {Map<string, string>}
 */
function readSections(page) {
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections
      .filter((text) => /^\w+Error$/m.test(text.split("\n", 1)[0] ?? ""))
      .map((text) => [text.split("\n", 1)[0] ?? "", text]),
  );
}

/**
 * Reads the files that define error classes: `errors.ts` and those of the folder `errors` beside it.
 *
 * @param {string} contracts the folder of both
 * @returns {string}
 */
export function readErrorSource(contracts) {
  const folder = path.join(contracts, "errors");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const inFolder = names
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => path.join(folder, name));
  const files = [path.join(contracts, "errors.ts"), ...inFolder];
  return files.map((file) => readFileSync(file, "utf8")).join("\n");
}

if (isMain(import.meta)) {
  const source = readErrorSource(path.join(projectRoot, "src/contracts"));
  report(findErrorProblems(source, readFileSync(path.join(projectRoot, "docs/errors.md"), "utf8")));
}
