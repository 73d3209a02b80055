/** The imports of the sources, and pictures of them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * What each file, or each group of files, imports.
 *
 * @typedef {ReadonlyMap<string, ReadonlySet<string>>} Imports
 */

/**
 * Reads what the files of `src` import from each other, types too. Tests are left out.
 *
 * @param {string} root the folder of package.json
 * @returns {Imports} by paths from `root`
 */
export function readImports(root) {
  const files = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => path.posix.join("src", file))
    .toSorted();
  return new Map(
    files.map((file) => {
      const text = readFileSync(path.join(root, file), "utf8");
      const targets = Array.from(
        text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g),
        ([, to = ""]) => path.posix.join(path.posix.dirname(file), to),
      );
      return [file, new Set(targets)];
    }),
  );
}

/**
 * Joins files into groups. An import within a group is none of the group's.
 *
 * @param {Imports} imports
 * @param {(file: string) => string | undefined} groupOf `undefined` leaves a file out
 * @returns {Imports}
 */
export function groupImports(imports, groupOf) {
  /** @type {Map<string, Set<string>>} */
  const groups = new Map();
  for (const [file, targets] of imports) {
    const group = groupOf(file);
    if (group === undefined) continue;
    const known = groups.get(group) ?? new Set();
    groups.set(group, known);
    for (const target of targets) {
      const other = groupOf(target);
      if (other !== undefined && other !== group) known.add(other);
    }
  }
  return groups;
}

/**
 * Draws groups as a Mermaid flowchart, importers above. An arrow is left out where other arrows lead there too.
 *
 * @param {Imports} groups
 * @returns {string}
 */
export function drawGraph(groups) {
  const names = [...groups.keys()].toSorted();
  const nodes = names.map((name) => `  ${idOf(name)}["${name}"]`);
  const arrows = names.flatMap((name) =>
    shortestArrows(groups, name).map((target) => `  ${idOf(name)} --> ${idOf(target)}`),
  );
  return ["```mermaid", "flowchart TD", ...nodes, ...arrows, "```"].join("\n");
}

/** @param {string} name */
function idOf(name) {
  return name.replaceAll(/[^a-z]/g, "_");
}

/**
 * @param {Imports} groups
 * @param {string} name
 */
function shortestArrows(groups, name) {
  const targets = [...(groups.get(name) ?? [])].toSorted();
  return targets.filter((target) =>
    targets.every((other) => {
      const isDetour = reachableFrom(groups, other).has(target);
      return other === target || !isDetour || reachableFrom(groups, target).has(other);
    }),
  );
}

/**
 * @param {Imports} groups
 * @param {string} start
 */
function reachableFrom(groups, start) {
  /** @type {Set<string>} */
  const reached = new Set();
  const waiting = [start];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const target of groups.get(next) ?? []) {
      if (!reached.has(target)) waiting.push(target);
      reached.add(target);
    }
  }
  return reached;
}
