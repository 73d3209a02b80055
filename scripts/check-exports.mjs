/** Checks that the exports map and the entry files agree, both ways. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isMain, projectRoot, report } from "./command.mjs";

/**
 * Lists the exports without an entry file and the entry files without an export.
 *
 * A door is an `index.ts` in `src`, in one of its folders, or in a folder of `src/adapters`.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function findExportProblems(root) {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const entries = Object.values(exports)
    .flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)))
    .filter((file) => file.startsWith("./dist/"))
    .map(toSource);

  const missing = entries.filter((entry) => !existsSync(path.join(root, entry)));
  const forgotten = findDoors(root).filter((door) => !entries.includes(door));
  return [
    ...new Set(missing.map((entry) => `package.json exports ${entry}, which does not exist`)),
    ...forgotten.map((door) => `${door} is a door that package.json does not export`),
  ];
}

/** @param {string} built */
function toSource(built) {
  return built.replace(/^\.\/dist\//, "src/").replace(/(\.d\.ts|\.js)$/, ".ts");
}

/** @param {string} root */
function findDoors(root) {
  const folders = ["src", ...foldersOf(root, "src"), ...foldersOf(root, "src/adapters")];
  return folders
    .map((folder) => `${folder}/index.ts`)
    .filter((entry) => existsSync(path.join(root, entry)));
}

/**
 * @param {string} root
 * @param {string} parent
 */
function foldersOf(root, parent) {
  const folder = path.join(root, parent);
  if (!existsSync(folder)) return [];

  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`);
}

if (isMain(import.meta)) report(findExportProblems(projectRoot));
