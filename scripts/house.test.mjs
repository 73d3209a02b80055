import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "./command.mjs";
import { rings, rooms } from "./house.mjs";

const lists = Object.entries({ rings, ...rooms });

describe("a place imports only from places before it in its list", () => {
  test.each(lists)("%s", (_name, places) => {
    for (const [index, { mayImport }] of places.entries()) {
      const further = places.slice(0, index).map(({ name }) => name);
      expect(further).toEqual(expect.arrayContaining([...mayImport]));
    }
  });
});

const word = "export interface Word { readonly text: string }";

/** @param {string} from */
function importWord(from) {
  return `import type { Word } from "${from}"; export type W = Word;`;
}

/** A small house. What imports outward or sideways is in files named `bad`. */
const files = {
  "src/kit/word.ts": word,
  "src/kit/bad.ts": importWord("../checks/word.ts"),
  "src/kit/bad-circle.ts": `${word}; import "./bad-circle-back.ts";`,
  "src/kit/bad-circle-back.ts": importWord("./bad-circle.ts"),
  "src/contracts/word.ts": importWord("../kit/word.ts"),
  "src/checks/word.ts": importWord("../contracts/word.ts"),
  "src/checks/bad.ts": importWord("../cache/near/near-cache.ts"),
  "src/codec/word.ts": importWord("../checks/word.ts"),
  "src/drivers/redis/commands/word.ts": importWord("../../../kit/word.ts"),
  "src/drivers/redis/commands/bad.ts": importWord("../connection/word.ts"),
  "src/drivers/redis/connection/word.ts": importWord("../commands/word.ts"),
  "src/drivers/redis/stores/bad.ts": importWord("../redis-driver.ts"),
  "src/drivers/redis/redis-driver.ts": importWord("./connection/word.ts"),
  "src/drivers/in-process/word.ts": word,
  "src/drivers/memory/word.ts": importWord("../in-process/word.ts"),
  "src/drivers/memory/bad.ts": importWord("../redis/redis-driver.ts"),
  "src/cache/near/near-cache.ts": importWord("../values/word.ts"),
  "src/cache/values/word.ts": word,
  "src/cache/bad.ts": importWord("./near/near-cache.ts"),
  "src/assemble.ts": importWord("./cache/near/near-cache.ts"),
  "src/django/word.ts": importWord("../assemble.ts"),
  "src/adapters/http-session/word.ts": importWord("../../checks/word.ts"),
  "src/adapters/hono/word.ts": importWord("../http-session/word.ts"),
  "src/adapters/koa/bad.ts": `import "../hono/word.ts"; import "../../assemble.ts";`,
};

/**
 * Runs the rules over a tree of files.
 *
 * @param {Record<string, string>} tree
 * @returns {string[]} the violations, as in `file: rule`
 */
function findViolations(tree) {
  const root = mkdtempSync(path.join(tmpdir(), "cachewell-house-"));
  try {
    writeFileSync(path.join(root, "tsconfig.json"), "{}");
    for (const [name, text] of Object.entries(tree)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
    const bin = "node_modules/dependency-cruiser/bin/dependency-cruise.mjs";
    const config = path.join(projectRoot, ".dependency-cruiser.mjs");
    const args = [path.join(projectRoot, bin), "--config", config, "--output-type", "json", "src"];
    const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    /** @type {{ summary: { violations: { from: string, rule: { name: string } }[] } }} */
    const { summary } = JSON.parse(stdout);
    return summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`).toSorted();
  } finally {
    rmSync(root, { recursive: true });
  }
}

// A cycle is reported once, however many files are in it.
test("the rules find each import that goes outward or sideways, of types too, and no other", () => {
  expect(findViolations(files)).toEqual([
    "src/adapters/koa/bad.ts: only-doors-with-a-codec-of-their-own-assemble",
    "src/adapters/koa/bad.ts: siblings-do-not-know-each-other",
    "src/cache/bad.ts: only-the-wiring-knows-the-near-cache",
    "src/checks/bad.ts: checks-may-import-only-[kit,contracts]",
    "src/checks/bad.ts: only-the-wiring-knows-the-near-cache",
    "src/drivers/memory/bad.ts: siblings-do-not-know-each-other",
    "src/drivers/redis/commands/bad.ts: drivers/redis/commands-may-import-beside-it-only-[]",
    "src/drivers/redis/stores/bad.ts: drivers/redis/stores-may-import-beside-it-only-[commands,reading]",
    "src/kit/bad-circle-back.ts: no-cycles",
    "src/kit/bad.ts: kit-may-import-only-[]",
  ]);
}, 60_000);
