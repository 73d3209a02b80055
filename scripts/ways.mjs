/**
 * Counts what one call of each way passes before the client library: `node scripts/ways.mjs`.
 *
 * `--list get` prints the functions of one way in the order in which the call enters them, `--json` all ways for programs.
 * Counted are the functions of our own files that run between the call and the settling of its promise. Not counted are
 * the bodies of modules, and functions that do not run in every one of several calls: background timers.
 */
import { parseArgs } from "node:util";
import { isMain } from "./command.mjs";
import { bounds, findExcesses } from "./ways/bounds.mjs";
import { measureWays } from "./ways/measure.mjs";

/** @typedef {import("./ways/measure.mjs").Way} Way */

/**
 * @param {Way} way
 * @returns {import("./ways/bounds.mjs").Size}
 */
export function sizeOf({ functions }) {
  return { files: new Set(functions.map(({ file }) => file)).size, functions: functions.length };
}

/**
 * Formats all ways beside their bounds. A ✗ marks a way that exceeds one.
 *
 * @param {readonly Way[]} ways
 * @returns {string}
 */
export function formatTable(ways) {
  const rows = bounds.map((bound) => {
    const way = ways.find(({ way: name }) => name === bound.way);
    if (!way) return [bound.way, "not counted"];
    const size = sizeOf(way);
    const { files = "", functions = "" } = bound.most;
    const most = `${files}/${functions}`.replace(/^\/$/, "-").replace(/\/$/, "");
    const mark = findExcesses(size, bound).length > 0 ? "✗" : "";
    const before = `${bound.before.files}/${bound.before.functions}`;
    return [bound.way, `${size.files}`, `${size.functions}`, most, before, mark];
  });
  return formatColumns([["way", "files", "functions", "at most", "before"], ...rows]);
}

/**
 * Formats the functions of one way in their order, each file named where it is entered.
 *
 * @param {Way} way
 * @returns {string}
 */
export function formatList({ functions }) {
  const rows = functions.map(({ file, name }, index) => [
    functions[index - 1]?.file === file ? "" : `src/${file}.ts`,
    name || "(anonymous)",
  ]);
  return formatColumns(rows);
}

/**
 * Finds a way by its name. `get` and the like mean the way against Redis.
 *
 * @param {readonly Way[]} ways
 * @param {string} name
 * @returns {Way}
 */
export function requireWay(ways, name) {
  const found = ways.find(({ way }) => way === name || way === `Redis ${name}`);
  if (found) return found;
  const names = ways.map(({ way }) => `"${way}"`).join(", ");
  throw new Error(`There is no way "${name}"; there are ${names}.`);
}

/** @param {readonly (readonly string[])[]} rows */
function formatColumns(rows) {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (/** @type {readonly string[]} */ row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => format(row).trimEnd()).join("\n");
}

if (isMain(import.meta)) {
  const { values: asked } = parseArgs({
    options: { list: { type: "string" }, json: { type: "boolean" } },
  });
  const ways = await measureWays();
  if (asked.json) console.log(JSON.stringify(ways));
  else if (asked.list !== undefined) console.log(formatList(requireWay(ways, asked.list)));
  else console.log(formatTable(ways));
}
