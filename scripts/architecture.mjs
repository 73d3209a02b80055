/**
 * Writes the generated parts of `docs/architecture.md`: `node scripts/architecture.mjs`.
 *
 * The pictures come from the imports of the sources, and the ways of a read and a write from the counter of
 * `ways.mjs`. The prose between the parts is written by hand. A test compares page and code.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { drawGraph, groupImports, readImports } from "./architecture/imports.mjs";
import { isMain, projectRoot } from "./command.mjs";
import { doors, rings, rooms } from "./house.mjs";
import { bounds } from "./ways/bounds.mjs";
import { measureWays } from "./ways/measure.mjs";
import { requireWay, sizeOf } from "./ways.mjs";

/**
 * @typedef {import("./ways/measure.mjs").Way} Way
 * @typedef {import("./architecture/imports.mjs").Imports} Imports
 * @typedef {import("./house.mjs").Place} Place
 */

/** The page, from the folder of package.json. */
export const pageFile = "docs/architecture.md";

/**
 * Returns the page with its generated parts as the code is now.
 *
 * @param {string} page
 * @param {Imports} imports
 * @param {readonly Way[]} ways
 * @returns {string}
 * @throws Error where a marker of the page names no part
 */
export function drawPage(page, imports, ways) {
  /** @type {Record<string, () => string>} */
  const parts = {
    rings: () => drawRings(imports),
    "rooms of src/cache": () => drawRooms(imports, "cache"),
    "rooms of src/drivers/redis": () => drawRooms(imports, "drivers/redis"),
    "way of a read": () => drawWay(requireWay(ways, "get")),
    "way of a write": () => drawWay(requireWay(ways, "set")),
    ways: () => drawWays(ways),
  };
  return page.replace(
    /(<!-- generated: ([^\n]+) -->\n).*?(<!-- end -->)/gs,
    (_, start, name, end) => {
      const draw = parts[name];
      if (!draw) throw new Error(`${pageFile} asks for "${name}", which no script draws.`);
      return `${start}\n${draw()}\n\n${end}`;
    },
  );
}

/**
 * Draws the folders of `src`. A picture of imports leaves out an arrow where a longer way of arrows says the same.
 *
 * @param {Imports} imports
 */
function drawRings(imports) {
  const folders = groupImports(imports, (file) => {
    const [, folder] = /^src\/([^/]+)\//.exec(file) ?? [];
    return folder ?? "front door";
  });
  const front = {
    name: "front door",
    mayImport: ["every ring"],
    holds: "the files of `src` itself: what `cachewell` exports, and the wiring",
  };
  const outside = doors.map((name) => ({
    name,
    mayImport: ["front door"],
    holds: "a door: it enters by the front, or by an index of a ring",
  }));
  const places = [...rings, front, ...outside].filter(({ name }) => folders.has(name));
  return `${drawGraph(folders)}\n\n${drawPlaces("folder", places)}`;
}

/**
 * @param {Imports} imports
 * @param {keyof typeof rooms} folder
 */
function drawRooms(imports, folder) {
  const root = `src/${folder}/`;
  const groups = groupImports(imports, (file) => {
    if (!file.startsWith(root)) return undefined;
    const rest = file.slice(root.length).split("/");
    return rest.length > 1 ? rest[0] : "beside the rooms";
  });
  const places = (rooms[folder] ?? []).filter(({ name }) => groups.has(name));
  if (places.length === 0) return `\`src/${folder}\` has no rooms yet.`;
  return `${drawGraph(groups)}\n\n${drawPlaces("room", places)}`;
}

/**
 * @param {string} kind
 * @param {readonly Place[]} places
 */
function drawPlaces(kind, places) {
  const names = new Set(["every ring", ...places.map(({ name }) => name)]);
  const rows = places.map(({ name, holds, mayImport }) => {
    const allowed = mayImport.filter((neighbour) => names.has(neighbour));
    return `| ${name} | ${holds} | ${allowed.join(", ") || "-"} |`;
  });
  return [`| ${kind} | what it holds | may import |`, "| --- | --- | --- |", ...rows].join("\n");
}

/**
 * Draws the files of a way in the order in which the call first enters them, those of one folder on a line.
 *
 * @param {Way} way
 */
function drawWay({ functions }) {
  /** @type {{ folder: string, names: string[] }[]} */
  const stops = [];
  for (const file of new Set(functions.map((entry) => entry.file))) {
    const folder = path.posix.dirname(file);
    const last = stops.at(-1);
    if (last?.folder === folder) last.names.push(path.posix.basename(file));
    else stops.push({ folder, names: [path.posix.basename(file)] });
  }
  const width = Math.max(...stops.map(({ folder }) => folder.length));
  const lines = stops.map(({ folder, names }, index) => {
    return `${`${index + 1}`.padStart(2)}  ${folder.padEnd(width)}  ${names.join(" → ")}`;
  });
  return ["```text", ...lines, "```"].join("\n");
}

/**
 * Draws how long each way is. Functions of today are left out: releases of Node may count them differently.
 *
 * @param {readonly Way[]} ways
 */
function drawWays(ways) {
  const rows = bounds.map(({ way, before, most }) => {
    const { files } = sizeOf(requireWay(ways, way));
    const atMost = [
      most.files && `${most.files} files`,
      most.functions && `${most.functions} functions`,
    ];
    const limit = atMost.filter(Boolean).join(", ") || "-";
    return `| ${way} | ${files} | ${before.files} | ${before.functions} | ${limit} |`;
  });
  return [
    "| one call | files | files before | functions before | at most |",
    "| --- | ---: | ---: | ---: | --- |",
    ...rows,
  ].join("\n");
}

if (isMain(import.meta)) {
  const file = path.join(projectRoot, pageFile);
  const drawn = drawPage(readFileSync(file, "utf8"), readImports(projectRoot), await measureWays());
  writeFileSync(file, drawn);
}
