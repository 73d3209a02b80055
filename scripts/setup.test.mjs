import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  chooseInstaller,
  hasDependencies,
  isAtLeast,
  parseRedisVersion,
  stampDependencies,
} from "./setup.mjs";

test("dependencies count as installed only for the lock file they came from", () => {
  const root = makeProject();
  expect(hasDependencies(root)).toBe(false);

  stampDependencies(root);
  expect(hasDependencies(root)).toBe(true);

  writeFileSync(path.join(root, "package-lock.json"), "{ }");
  expect(hasDependencies(root)).toBe(false);
});

test("the version of Redis is read from what it prints, Valkey's too", () => {
  expect(parseRedisVersion("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc")).toBe("7.0.15");
  expect(parseRedisVersion("Valkey server v=8.1.0 sha=00000000:0")).toBe("8.1.0");
  expect(parseRedisVersion("")).toBeUndefined();
});

test("versions compare as numbers", () => {
  expect(isAtLeast("6.2.0", "6.2")).toBe(true);
  expect(isAtLeast("6.10.1", "6.2")).toBe(true);
  expect(isAtLeast("10.0.0", "6.2")).toBe(true);
  expect(isAtLeast("6.0.16", "6.2")).toBe(false);
});

test("root installs directly", () => {
  const installer = chooseInstaller({ isRoot: true, has: (program) => program === "apk" });
  expect(installer).toEqual({ manager: "apk", command: ["sh", "-c", "apk add redis openssl"] });
});

test("other users install through sudo, and only where it needs no password", () => {
  const installer = chooseInstaller({ isRoot: false, has: () => true });
  expect(installer?.command.slice(0, 2)).toEqual(["sudo", "-n"]);
});

test("without root and sudo, setup installs nothing", () => {
  const has = (/** @type {string} */ program) => program === "apt-get";
  expect(chooseInstaller({ isRoot: false, has })).toBeUndefined();
});

test("Homebrew never runs as another user", () => {
  const installer = chooseInstaller({ isRoot: false, has: (program) => program === "brew" });
  expect(installer?.command).toEqual(["sh", "-c", "brew install redis openssl"]);
});

function makeProject() {
  const root = mkdtempSync(path.join(tmpdir(), "cachewell-setup-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(path.join(root, "node_modules"));
  writeFileSync(path.join(root, "package-lock.json"), "{}");
  return root;
}
