import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A build of cachewell: the address of its front door, and what removes the files made for it.
 *
 * @typedef {{ url: string, dispose: () => void }} Build
 */

/**
 * Finds the build in a folder, or builds a commit of this repository.
 *
 * @param {string} base a checkout, its `dist`, or a commit
 * @returns {Build}
 */
export function resolveBuild(base) {
  const folder = resolve(process.env["INIT_CWD"] ?? ".", base); // npm moves to the package's folder
  if (!existsSync(folder)) return buildCommit(base);
  const door = ["dist/index.js", "index.js"].map((file) => join(folder, file)).find(existsSync);
  if (door === undefined) throw new Error(`${folder} has no build; run "npm run build" there.`);
  return { url: pathToFileURL(door).href, dispose: () => {} };
}

/**
 * Builds a commit aside, with the tools that are installed here.
 *
 * @param {string} commit
 * @returns {Build}
 */
function buildCommit(commit) {
  const archive = execFileSync("git", ["archive", commit], { cwd: root, maxBuffer: 2 ** 28 });
  const folder = mkdtempSync(join(tmpdir(), "cachewell-bench-"));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    execFileSync("npm", ["run", "--silent", "build"], { cwd: folder, stdio: "inherit" });
    return { url: pathToFileURL(join(folder, "dist/index.js")).href, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
