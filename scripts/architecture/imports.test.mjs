import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { drawGraph, groupImports, readImports } from "./imports.mjs";

test("imports of values, of types and at run time count; tests and packages do not", () => {
  const root = mkdtempSync(path.join(tmpdir(), "cachewell-imports-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(path.join(root, "src/cache"), { recursive: true });
  const text = `import { a } from "../a.ts";\nimport type { B } from "./b.ts";\nimport fs from "node:fs";
export * from "./c.ts";\nawait import("./d.ts");\n`;
  writeFileSync(path.join(root, "src/cache/all.ts"), text);
  writeFileSync(path.join(root, "src/cache/all.test.ts"), 'import "./e.ts";');
  expect([...readImports(root)]).toEqual([
    [
      "src/cache/all.ts",
      new Set(["src/a.ts", "src/cache/b.ts", "src/cache/c.ts", "src/cache/d.ts"]),
    ],
  ]);
});

test("a group imports what its files import, but not itself", () => {
  const imports = new Map([
    ["a/one", new Set(["a/two", "b/one", "left out"])],
    ["a/two", new Set(["c/one"])],
    ["left out", new Set(["a/one"])],
  ]);
  const groups = groupImports(imports, (file) => (file.includes("/") ? file[0] : undefined));
  expect([...groups]).toEqual([["a", new Set(["b", "c"])]]);
});

test("the picture leaves out an arrow where a longer way says the same", () => {
  const groups = new Map([
    ["cache", new Set(["contracts", "kit"])],
    ["contracts", new Set(["kit"])],
    ["kit", new Set([])],
  ]);
  expect(arrowsOf(drawGraph(groups))).toEqual(["cache --> contracts", "contracts --> kit"]);
});

test("the picture keeps both arrows of a cycle", () => {
  const groups = new Map([
    ["one", new Set(["other"])],
    ["other", new Set(["one"])],
  ]);
  expect(arrowsOf(drawGraph(groups))).toEqual(["one --> other", "other --> one"]);
});

/** @param {string} picture */
function arrowsOf(picture) {
  return picture.split("\n").flatMap((line) => (line.includes("-->") ? [line.trim()] : []));
}
