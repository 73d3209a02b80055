import { expect, test } from "vitest";
import { bounds, findExcesses } from "./bounds.mjs";
import { scenes } from "./scenes.mjs";

const before = { files: 9, functions: 9 };

test("a way that fits its bounds exceeds none", () => {
  const bound = { way: "get", before, most: { files: 2, functions: 5 } };
  expect(findExcesses({ files: 2, functions: 5 }, bound)).toEqual([]);
});

test("each excess is named with its figures", () => {
  const bound = { way: "get", before, most: { files: 2, functions: 5 } };
  expect(findExcesses({ files: 3, functions: 6 }, bound)).toEqual([
    "get passes 3 files; at most 2 may be.",
    "get passes 6 functions; at most 5 may be.",
  ]);
});

test("a measure without a bound is free", () => {
  expect(findExcesses({ files: 3, functions: 600 }, { way: "get", before, most: {} })).toEqual([]);
});

test("every way of the table has a scene, and every scene a way", () => {
  expect(bounds.map(({ way }) => way).toSorted()).toEqual(Object.keys(scenes).toSorted());
});
