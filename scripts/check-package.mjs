/** Checks the package as npm would publish it: its files, its entry points and its types. */
import { isMain, report, run } from "./command.mjs";

const meant = [
  /^dist\/.+\.(js|d\.ts)(\.map)?$/,
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
];
const strayed = /\.test\./;
const required = ["README.md", "LICENSE", "CHANGELOG.md", "dist/index.js", "dist/index.d.ts"];

/**
 * Lists files that must not be published, and required files that are missing.
 *
 * @param {readonly string[]} files paths in the package
 * @returns {string[]}
 */
export function findFileProblems(files) {
  return [
    ...files.filter((file) => !isMeant(file)).map((file) => `the package would contain ${file}`),
    ...required
      .filter((file) => !files.includes(file))
      .map((file) => `the package would lack ${file}`),
  ];
}

/** @param {string} file */
function isMeant(file) {
  return meant.some((pattern) => pattern.test(file)) && !strayed.test(file);
}

function listFiles() {
  const { ok, output } = run("npm", ["pack", "--dry-run", "--json", "--loglevel=silent"]);
  if (!ok) throw new Error(output);
  /** @type {[{ files: { path: string }[] }]} */
  const [packed] = JSON.parse(output);
  return packed.files.map((file) => file.path);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function findToolProblems(command, args) {
  const { ok, output } = run(command, args);
  return ok ? [] : [`${command}:\n${output}`];
}

if (isMain(import.meta)) {
  report([
    ...findFileProblems(listFiles()),
    ...findToolProblems("publint", ["--strict"]),
    ...findToolProblems("attw", ["--pack", ".", "--profile", "esm-only"]),
  ]);
}
