import { spawnSync } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import path from "node:path";

/** The folder of package.json. */
export const projectRoot = path.dirname(import.meta.dirname);

/**
 * The result of a finished command.
 *
 * @typedef {{ ok: boolean, output: string }} Outcome
 */

/**
 * Runs a command in the project, with the project's own tools on the PATH.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Outcome} `output` is what the command printed, errors after the rest
 */
export function run(command, args) {
  const tools = path.join(projectRoot, "node_modules", ".bin");
  const result = spawnSync(command, args, {
    cwd: projectRoot,
    encoding: "utf8",
    env: { ...process.env, PATH: `${tools}${path.delimiter}${process.env["PATH"] ?? ""}` },
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`;
  return { ok: result.status === 0, output };
}

/**
 * Finds a program as a shell would.
 *
 * @param {string} name
 * @param {string} [searchPath] the PATH to look in
 * @returns {string | undefined}
 */
export function findProgram(name, searchPath = process.env["PATH"] ?? "") {
  return searchPath
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

/**
 * Returns whether Node started this module as its program, rather than imported it.
 *
 * @param {ImportMeta} meta
 */
export function isMain(meta) {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === meta.filename;
}

/**
 * Ends a check: prints its problems, and sets a failing exit code if there are any.
 *
 * @param {readonly string[]} problems
 */
export function report(problems) {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not executable: a shell treats both alike
  }
}
