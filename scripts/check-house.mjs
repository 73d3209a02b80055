/**
 * Checks that source files stay short, that folders with rooms keep few files beside them, and that every ring, door and
 * room is in `house.mjs`, which gives it its rules.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isMain, projectRoot, report } from "./command.mjs";
import { doors, mostFlatFiles, mostLines, rings, rooms } from "./house.mjs";

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
  return [...long, ...full, ...findUnknownPlaces(root)];
}

/**
 * Lists the folders that no rule knows.
 *
 * @param {string} root
 */
function findUnknownPlaces(root) {
  const known = {
    src: [...rings.map(({ name }) => name), ...doors],
    ...Object.fromEntries(
      Object.entries(rooms).map(([folder, places]) => [
        `src/${folder}`,
        places.map(({ name }) => name),
      ]),
    ),
  };
  return Object.entries(known).flatMap(([folder, names]) =>
    foldersOf(root, folder)
      .filter((name) => !names.includes(name))
      .map((name) => `${folder}/${name} has no rules; describe it in scripts/house.mjs.`),
  );
}

/**
 * @param {string} root
 * @param {string} folder
 */
function foldersOf(root, folder) {
  const parent = path.join(root, folder);
  if (!existsSync(parent)) return [];
  const entries = readdirSync(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
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
