import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { readImports } from "../../scripts/architecture/imports.mjs";
import { drawPage, pageFile } from "../../scripts/architecture.mjs";
import { bounds, findExcesses } from "../../scripts/ways/bounds.mjs";
import { formatList, requireWay, sizeOf, type Way } from "../../scripts/ways.mjs";
import { projectRoot } from "../support/program.ts";

const run = promisify(execFile);

/** A process of its own counts: coverage of this one would see the tests' tools. */
let ways: readonly Way[] = [];

beforeAll(async () => {
  const { stdout } = await run(process.execPath, ["scripts/ways.mjs", "--json"], {
    cwd: projectRoot,
  });
  ways = JSON.parse(stdout) as Way[]; // what the command promises for --json
}, 180_000);

describe("one call passes no more of our code than its bound", () => {
  test.for(bounds)("$way", (bound) => {
    const way = requireWay(ways, bound.way);
    expect(findExcesses(sizeOf(way), bound), `It passed:\n${formatList(way)}`).toEqual([]);
  });
});

test("docs/architecture.md is drawn as the code is now: npm run architecture draws it anew", async () => {
  const page = await readFile(join(projectRoot, pageFile), "utf8");
  expect(page).toBe(drawPage(page, readImports(projectRoot), ways));
});
