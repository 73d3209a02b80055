/** Checks that source files stay short, and that folders with rooms keep few files beside them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isMain, projectRoot, report } from "./command.mjs";
import { mostFlatFiles, mostLines } from "./house.mjs";

/**
 * Lists the files and folders that are too large. Tests do not count.
 *
 * @param {string} root the folder of package.json
 * @param {{ lines: number, flatFiles: Readonly<Record<string, number>> }} [most]
 * @returns {string[]}
 */
export function findHouseProblems(root, most = { lines: mostLines, flatFiles: mostFlatFiles }) {
  const long = sourcesOf(root, "src", { recursive: true }).flatMap((file) => {
    const lines = countLines(readFileSync(path.join(root, file), "utf8"));
    return lines > most.lines ? [`${file} has ${lines} lines; at most ${most.lines} fit.`] : [];
  });
  const full = Object.entries(most.flatFiles).flatMap(([folder, files]) => {
    const count = sourcesOf(root, folder, { recursive: false }).length;
    return count > files
      ? [`${folder} has ${count} files of its own; at most ${files} fit, move others into rooms.`]
      : [];
  });
  return [...long, ...full];
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {{ recursive: boolean }} depth
 */
function sourcesOf(root, folder, { recursive }) {
  const parent = path.join(root, folder);
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { recursive, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => path.posix.join(folder, file))
    .toSorted();
}

/** @param {string} text */
function countLines(text) {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

if (isMain(import.meta)) report(findHouseProblems(projectRoot));
