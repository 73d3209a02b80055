import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findExportProblems } from "./check-exports.mjs";

const exports = {
  ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
  "./express": {
    types: "./dist/adapters/express/index.d.ts",
    default: "./dist/adapters/express/index.js",
  },
  "./package.json": "./package.json",
};
const files = ["src/index.ts", "src/adapters/express/index.ts"];

test("doors and exports that agree are fine", () => {
  expect(findExportProblems(makeProject({ exports, files }))).toEqual([]);
});

test("a folder that is no door needs no export", () => {
  const root = makeProject({ exports, files: [...files, "src/drivers/redis/index.ts"] });
  expect(findExportProblems(root)).toEqual([]);
});

test("an export without a file is named once", () => {
  const root = makeProject({ exports, files: ["src/index.ts"] });
  expect(findExportProblems(root)).toEqual([
    "package.json exports src/adapters/express/index.ts, which does not exist",
  ]);
});

test("a door without an export is named", () => {
  const root = makeProject({ exports, files: [...files, "src/sync/index.ts"] });
  expect(findExportProblems(root)).toEqual([
    "src/sync/index.ts is a door that package.json does not export",
  ]);
});

/** @param {{ exports: object, files: readonly string[] }} contents */
function makeProject(contents) {
  const root = mkdtempSync(path.join(tmpdir(), "cachewell-exports-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(path.join(root, "package.json"), JSON.stringify({ exports: contents.exports }));
  for (const file of contents.files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), "");
  }
  return root;
}
