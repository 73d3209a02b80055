import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findHouseProblems } from "./check-house.mjs";

const most = { lines: 3, flatFiles: { "src/cache": 2 } };

/** @param {Record<string, string>} files */
function createHouse(files) {
  const root = mkdtempSync(path.join(tmpdir(), "cachewell-house-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

test("files and folders at their limits are fine", () => {
  const root = createHouse({
    "src/cache/one.ts": "1\n2\n3\n",
    "src/cache/two.ts": "1\n2\n3",
    "src/cache/near/three.ts": "1\n",
  });
  expect(findHouseProblems(root, most)).toEqual([]);
});

test("a longer file is named with its lines, in whatever folder it is", () => {
  const root = createHouse({ "src/cache/near/long.ts": "1\n2\n3\n4\n" });
  expect(findHouseProblems(root, most)).toEqual([
    "src/cache/near/long.ts has 4 lines; at most 3 fit.",
  ]);
});

test("a folder with more files beside its rooms is named with their number", () => {
  const root = createHouse({ "src/cache/a.ts": "", "src/cache/b.ts": "", "src/cache/c.ts": "" });
  expect(findHouseProblems(root, most)).toEqual([
    "src/cache has 3 files of its own; at most 2 fit, move others into rooms.",
  ]);
});

test("tests do not count, nor what is not TypeScript", () => {
  const root = createHouse({
    "src/cache/a.ts": "",
    "src/cache/b.ts": "",
    "src/cache/a.test.ts": "1\n2\n3\n4\n",
    "src/cache/notes.md": "1\n2\n3\n4\n",
  });
  expect(findHouseProblems(root, most)).toEqual([]);
});

test("a ring or a room that no rule knows is named", () => {
  const root = createHouse({
    "src/attic/a.ts": "",
    "src/cache/attic/a.ts": "",
    "src/kit/a.ts": "",
  });
  expect(findHouseProblems(root, most)).toEqual([
    "src/attic has no rules; describe it in scripts/house.mjs.",
    "src/cache/attic has no rules; describe it in scripts/house.mjs.",
  ]);
});
