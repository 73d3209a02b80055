import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/**
 * @param {Record<string, string>} files
 * @param {Record<string, unknown>} [manifest] more of package.json
 */
function createPackage(files, manifest) {
  const root = mkdtempSync(path.join(tmpdir(), "cachewell-bundle-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(
    path.join(root, "package.json"),
    JSON.stringify({ type: "module", exports: exported, ...manifest }),
  );
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

/** @param {string} root */
function loaderOf(root) {
  return (/** @type {string} */ file) => import(pathToFileURL(path.join(root, file)).href);
}

test("finds the doors that package.json exports", () => {
  expect(findEntries({ exports: exported })).toEqual({
    index: "./dist/index.js",
    "door/index": "./dist/door/index.js",
  });
});

test("finds the programs that package.json names, one or several", () => {
  expect(findEntries({ bin: "dist/cli.js" })).toEqual({ cli: "./dist/cli.js" });
  expect(
    findEntries({ bin: { one: "./dist/one.js", two: "dist/bin/two.js", three: "bin/three.sh" } }),
  ).toEqual({
    one: "./dist/one.js",
    "bin/two": "./dist/bin/two.js",
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
  const load = loaderOf(root);
  const [{ Shared }, { made }] = [await load("dist/index.js"), await load("dist/door/index.js")];
  expect(made).toBeInstanceOf(Shared);
});

test("keeps a file that is started by its URL, wherever the code that starts it goes", async () => {
  const root = createPackage({
    "dist/index.js": 'export { workerUrl } from "./inner/start.js";',
    "dist/door/index.js": 'export { workerUrl } from "../inner/start.js";',
    "dist/inner/start.js": 'export const workerUrl = new URL("./worker.js", import.meta.url);',
    "dist/inner/worker.js": 'import { say } from "./say.js"; export const said = say();',
    "dist/inner/say.js": 'export const say = () => "hello";',
  });
  await bundle(root);
  const { workerUrl } = await loaderOf(root)("dist/index.js");
  expect(workerUrl.href).toBe(pathToFileURL(path.join(root, "dist/inner/worker.js")).href);
  expect(await import(workerUrl.href)).toMatchObject({ said: "hello" });
});

test("a URL of a file beside dist stays true", async () => {
  const root = createPackage({
    "dist/index.js": 'export { manifest } from "./deep/inner/manifest.js";',
    "dist/door/index.js": "export {};",
    "dist/deep/inner/manifest.js":
      "export const manifest = new URL('../../../package.json', import.meta.url);",
  });
  await bundle(root);
  const { manifest } = await loaderOf(root)("dist/index.js");
  expect(manifest.href).toBe(pathToFileURL(path.join(root, "package.json")).href);
});

test("keeps a program with its first line", async () => {
  const files = {
    "dist/index.js": "export const shared = 1;",
    "dist/door/index.js": "export {};",
    "dist/cli/main.js":
      '#!/usr/bin/env node\nimport { shared } from "../index.js"; export const ran = shared;',
  };
  const root = createPackage(files, { bin: { cachewell: "dist/cli/main.js" } });
  await bundle(root);
  const program = readFileSync(path.join(root, "dist/cli/main.js"), "utf8");
  expect(program).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(await loaderOf(root)("dist/cli/main.js")).toMatchObject({ ran: 1 });
});
