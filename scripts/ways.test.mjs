import { expect, test } from "vitest";
import { bounds } from "./ways/bounds.mjs";
import { formatList, formatTable, requireWay, sizeOf } from "./ways.mjs";

const get = {
  way: "Redis get",
  functions: [
    { file: "cache/stored-cache", name: "get" },
    { file: "cache/stored-cache", name: "#read" },
    { file: "keys/key-builder", name: "" },
    { file: "cache/stored-cache", name: "leave" },
  ],
};

test("a file counts once, however often a call comes back to it", () => {
  expect(sizeOf(get)).toEqual({ files: 2, functions: 4 });
});

test("the table has a row for each way, with its bounds and what it was before", () => {
  const rows = formatTable([get]).split("\n");
  expect(rows).toHaveLength(bounds.length + 1);
  expect(rows.find((row) => row.startsWith("Redis get"))).toMatch(
    /^Redis get +2 +4 +14\/45 +24\/83$/,
  );
});

test("the table marks a way that exceeds a bound", () => {
  const long = Array.from({ length: 15 }, (_, index) => ({ file: `cache/${index}`, name: "pass" }));
  expect(formatTable([{ way: "Redis get", functions: long }])).toMatch(/^Redis get.*✗$/m);
});

test("the list names a file wherever the call enters it", () => {
  expect(formatList(get).split("\n")).toEqual([
    "src/cache/stored-cache.ts  get",
    "                           #read",
    "src/keys/key-builder.ts    (anonymous)",
    "src/cache/stored-cache.ts  leave",
  ]);
});

test("a verb alone means its way against Redis", () => {
  expect(requireWay([get], "get")).toBe(get);
});

test("an unknown way is refused with the names of all", () => {
  expect(() => requireWay([get], "fetch")).toThrow(
    'There is no way "fetch"; there are "Redis get".',
  );
});
