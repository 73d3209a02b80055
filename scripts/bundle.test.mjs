import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { bundle, findEntries } from "./bundle.mjs";

const exported = {
  ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
  "./door": { types: "./dist/door/index.d.ts", default: "./dist/door/index.js" },
  "./package.json": "./package.json",
};

/** @param {Record<string, string>} files */
function createPackage(files) {
  const root = mkdtempSync(path.join(tmpdir(), "cachewell-bundle-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(
    path.join(root, "package.json"),
    JSON.stringify({ type: "module", exports: exported }),
  );
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

test("finds the doors that package.json exports", () => {
  expect(findEntries(exported)).toEqual({
    index: "./dist/index.js",
    "door/index": "./dist/door/index.js",
  });
});

test("leaves a file for each door, what they share once, and all types", async () => {
  const root = createPackage({
    "dist/index.js": 'export { Shared } from "./inner/shared.js"; import "node:fs";',
    "dist/door/index.js":
      'import { Shared } from "../inner/shared.js"; export const made = new Shared();',
    "dist/inner/shared.js": "export class Shared {}",
    "dist/inner/shared.d.ts": "export declare class Shared {}",
  });
  await bundle(root);
  const files = readdirSync(path.join(root, "dist"), { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => file.endsWith(".js")).length).toBe(3);
  expect(files).toContain(path.join("inner", "shared.d.ts"));
  const load = (/** @type {string} */ file) => import(pathToFileURL(path.join(root, file)).href);
  const [{ Shared }, { made }] = [await load("dist/index.js"), await load("dist/door/index.js")];
  expect(made).toBeInstanceOf(Shared);
});
