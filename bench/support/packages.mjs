import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bench = new URL("../", import.meta.url);
const modules = new URL("node_modules/", bench);

/** Returns the packages of bench/package.json with their versions. */
export function peerVersions() {
  /** @type {{ dependencies: Readonly<Record<string, string>> }} */
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", bench), "utf8"));
  return dependencies;
}

/**
 * Installs the peers where one is missing, and puts this checkout's build beside them: a bench imports
 * `cachewell` as a user does.
 */
export function preparePackages() {
  const isMissing = (/** @type {string} */ name) => !existsSync(new URL(name, modules));
  if (Object.keys(peerVersions()).some(isMissing))
    execFileSync("npm", ["ci"], { cwd: fileURLToPath(bench), stdio: "inherit" });
  const own = new URL("cachewell/", modules);
  mkdirSync(own, { recursive: true });
  copyFileSync(new URL("../package.json", bench), new URL("package.json", own));
  if (isMissing("cachewell/dist"))
    symlinkSync(fileURLToPath(new URL("../dist", bench)), new URL("dist", own), "junction");
}
