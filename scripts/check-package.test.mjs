import { expect, test } from "vitest";
import { findFileProblems } from "./check-package.mjs";

const files = [
  "package.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/index.d.ts.map",
];

test("built code with its types and maps is what we publish", () => {
  expect(findFileProblems(files)).toEqual([]);
});

test.for(["dist/kit/once.test.js", "src/index.ts", "scripts/setup.mjs", "bench/run.mjs"])(
  "%s must not be published",
  (stray) => {
    expect(findFileProblems([...files, stray])).toEqual([`the package would contain ${stray}`]);
  },
);

test("a package without its license is incomplete", () => {
  expect(findFileProblems(files.filter((file) => file !== "LICENSE"))).toEqual([
    "the package would lack LICENSE",
  ]);
});
