/**
 * Prepares a bare machine for work on this project: `node scripts/setup.mjs [--redis]`.
 *
 * Installs missing dependencies and, with `--redis`, missing programs that the tests start. Needs only Node, and takes
 * milliseconds where nothing is missing.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findProgram, isMain, projectRoot } from "./command.mjs";

const oldestRedis = "6.2";

/** The programs that the tests start. */
const programs = ["redis-server", "redis-cli", "openssl"];

/** Known package managers, each with a shell script that installs the programs and starts no service. */
const installers = [
  {
    manager: "apt-get",
    needsRoot: true,
    script: `set -e
      policy=/usr/sbin/policy-rc.d
      restore() { rm -f $policy; [ ! -e $policy.saved ] || mv $policy.saved $policy; }
      [ ! -e $policy ] || mv $policy $policy.saved
      trap restore EXIT
      printf '#!/bin/sh\\nexit 101\\n' > $policy
      chmod 755 $policy
      export DEBIAN_FRONTEND=noninteractive
      apt-get update
      apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=120 redis-server redis-tools openssl
      ! command -v systemctl || systemctl disable redis-server || true`,
  },
  { manager: "dnf", needsRoot: true, script: "dnf install --assumeyes redis openssl" },
  { manager: "apk", needsRoot: true, script: "apk add redis openssl" },
  { manager: "brew", needsRoot: false, script: "brew install redis openssl" },
];

/**
 * Returns whether node_modules was installed from the present lock file.
 *
 * @param {string} root
 */
export function hasDependencies(root) {
  const stamp = stampOf(root);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hashOfLock(root);
}

/**
 * Records that node_modules was installed from the present lock file.
 *
 * @param {string} root
 */
export function stampDependencies(root) {
  writeFileSync(stampOf(root), hashOfLock(root));
}

/**
 * Returns the version in the output of `redis-server --version`, or `undefined` where it names none.
 *
 * @param {string} text
 */
export function parseRedisVersion(text) {
  return /\bv=(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/**
 * Compares dotted versions by their first two numbers.
 *
 * @param {string} version
 * @param {string} oldest
 */
export function isAtLeast(version, oldest) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/**
 * Returns the command that installs the programs on this machine, or `undefined` where the script knows no package manager
 * or may not run it as root.
 *
 * @param {{ isRoot: boolean, has: (program: string) => boolean }} machine
 * @returns {{ manager: string, command: string[] } | undefined}
 */
export function chooseInstaller({ isRoot, has }) {
  const installer = installers.find(({ manager }) => has(manager));
  if (!installer) return undefined;

  const { manager, needsRoot, script } = installer;
  const command = ["sh", "-c", script];
  if (isRoot || !needsRoot) return { manager, command };
  return has("sudo") ? { manager, command: ["sudo", "-n", ...command] } : undefined;
}

/** @param {string} root */
function stampOf(root) {
  return path.join(root, "node_modules", ".installed-from");
}

/** @param {string} root */
function hashOfLock(root) {
  return createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
}

function ensureDependencies() {
  if (hasDependencies(projectRoot)) return;

  console.log("setup: installing the dependencies");
  const { status } = spawnSync("npm", ["ci"], { cwd: projectRoot, stdio: "inherit" });
  if (status !== 0) fail("`npm ci` failed; see its output above");
  stampDependencies(projectRoot);
}

function ensureRedis() {
  if (programs.some((program) => !findProgram(program))) installPrograms();
  const missing = programs.filter((program) => !findProgram(program));
  if (missing.length > 0) fail(`install ${missing.join(" and ")}, and put it on the PATH`);

  const { stdout } = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  const version = parseRedisVersion(stdout ?? "");
  if (!version || !isAtLeast(version, oldestRedis)) {
    const found = version ?? "of an unreadable version";
    fail(`install redis-server ${oldestRedis} or newer; the one on the PATH is ${found}`);
  }
}

function installPrograms() {
  const installer = chooseInstaller({
    isRoot: process.getuid?.() === 0,
    has: (program) => findProgram(program) !== undefined,
  });
  if (!installer) return;

  console.log(`setup: installing ${programs.join(", ")} with ${installer.manager}`);
  const [program = "", ...args] = installer.command;
  spawnSync(program, args, { stdio: "ignore" });
}

/**
 * @param {string} advice
 * @returns {never}
 */
function fail(advice) {
  console.error(`setup: ${advice}`);
  process.exit(1);
}

if (isMain(import.meta)) {
  ensureDependencies();
  if (process.argv.includes("--redis")) ensureRedis();
}
