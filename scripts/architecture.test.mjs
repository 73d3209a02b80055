import { expect, test } from "vitest";
import { drawPage } from "./architecture.mjs";
import { bounds } from "./ways/bounds.mjs";

const imports = new Map([
  ["src/cache/stored-cache.ts", new Set(["src/cache/values/values.ts"])],
  ["src/cache/values/values.ts", new Set(["src/kit/clock.ts"])],
  ["src/kit/clock.ts", new Set([])],
]);
const functions = [
  "cache/stored-cache",
  "cache/key-verbs",
  "keys/key-builder",
  "cache/stored-cache",
];
const ways = bounds.map(({ way }) => {
  return { way, functions: functions.map((file) => ({ file, name: "pass" })) };
});

/** @param {string} name */
function draw(name) {
  const page = `Before.\n\n<!-- generated: ${name} -->\nold\n<!-- end -->\n\nAfter.\n`;
  return drawPage(page, imports, ways);
}

test("prose around a generated part stays as it is, and the part is replaced", () => {
  const page = draw("way of a read");
  expect(page).toMatch(/^Before\.\n\n<!-- generated: way of a read -->\n/);
  expect(page).toMatch(/\n<!-- end -->\n\nAfter\.\n$/);
  expect(page).not.toContain("old");
});

test("drawing a page again changes nothing", () => {
  const page = draw("rings");
  expect(drawPage(page, imports, ways)).toBe(page);
});

test("a way names each file once, where the call first enters it", () => {
  expect(draw("way of a read")).toContain(
    ["```text", " 1  cache  stored-cache → key-verbs", " 2  keys   key-builder", "```"].join("\n"),
  );
});

test("the rings are those that have files", () => {
  const page = draw("rings");
  expect(page).toContain("cache --> kit");
  expect(page).toMatch(/^\| kit \| small pure tools/m);
  expect(page).not.toContain("| codec |");
});

test("the rooms are those that have files, beside the files that wire them", () => {
  const page = draw("rooms of src/cache");
  expect(page).toContain("beside_the_rooms --> values");
  expect(page).toMatch(/^\| values \| the one read/m);
  expect(draw("rooms of src/drivers/redis")).toContain("has no rooms yet");
});

test("the table of ways has the files of now and before", () => {
  expect(draw("ways")).toMatch(/^\| Redis get \| 3 \| 24 \| 83 \| 14 files, 45 functions \|$/m);
});

test("a marker that names no part is refused", () => {
  expect(() => draw("roof")).toThrow('asks for "roof"');
});

test("an empty part ends at its own end", () => {
  const page =
    "<!-- generated: rings -->\n<!-- end -->\nText.\n<!-- generated: ways -->\n<!-- end -->\n";
  const drawn = drawPage(page, imports, ways);
  expect(drawn).toContain("Text.");
  expect(drawn.match(/<!-- end -->/g)).toHaveLength(2);
});
