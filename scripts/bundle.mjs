/**
 * Joins the compiled files of `dist` into one per entry and a few that entries share: Node takes longer to find and
 * read a hundred small files than to run them. Types stay as they are, a file each.
 *
 * Entries are the doors and programs of package.json, and the files that others start by URL, as in
 * `new Worker(new URL("./worker.js", import.meta.url))`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import { isMain, projectRoot } from "./command.mjs";

/** A file named relative to the one that names it. */
const urlOfFile = /new URL\(\s*(["'`])(\.{1,2}\/[^"'`$]+)\1,\s*import\.meta\.url,?\s*\)/g;

/** Marks an absolute path while the files are joined. */
const absoluteMark = "cachewell-bundle:";
const absoluteUrl = new RegExp(`["'\`]${absoluteMark}([^"'\`]+)["'\`]`, "g");

/**
 * Lists the entry files that package.json names, by their paths in `dist` without an ending.
 *
 * @param {{ exports?: Record<string, string | { default: string }>, bin?: string | Record<string, string> }} manifest
 * @returns {Record<string, string>}
 */
export function findEntries({ exports = {}, bin = {} }) {
  const doors = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [] : [target.default],
  );
  const programs = typeof bin === "string" ? [bin] : Object.values(bin);
  const files = [...doors, ...programs].map((file) => path.posix.normalize(file));
  return Object.fromEntries(
    files.flatMap((file) => {
      const name = /^dist\/(.+)\.js$/.exec(file)?.[1];
      return name === undefined ? [] : [[name, `./${file}`]];
    }),
  );
}

/**
 * Bundles in place.
 *
 * @param {string} root the folder of package.json
 */
export async function bundle(root) {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const folder = path.join(root, "dist");
  const compiled = compiledFilesOf(folder);
  const bundled = await rolldown({
    cwd: root,
    input: { ...findStarted(folder, compiled), ...findEntries(manifest) },
    platform: "node",
    external: (id) => !/^\.{0,2}\//.test(id),
    plugins: [{ name: "absolute-urls", transform: toAbsoluteUrls }],
  });
  const { output } = await bundled.generate({ format: "esm", chunkFileNames: "shared/[name].js" });
  await bundled.close();
  for (const file of compiled) rmSync(file);
  for (const part of output) {
    if (part.type !== "chunk") continue;
    const file = path.join(folder, part.fileName);
    write(file, toRelativeUrls(part.code, file));
  }
}

/**
 * Finds the compiled files that others name by URL.
 *
 * @param {string} folder
 * @param {readonly string[]} compiled
 * @returns {Record<string, string>} entries, as of {@link findEntries}
 */
function findStarted(folder, compiled) {
  const named = compiled.flatMap((file) => {
    const texts = readFileSync(file, "utf8").matchAll(urlOfFile);
    return Array.from(texts, ([, , target = ""]) => path.resolve(path.dirname(file), target));
  });
  const ours = named.filter((file) => file.startsWith(folder + path.sep) && file.endsWith(".js"));
  return Object.fromEntries(ours.map((file) => [path.relative(folder, file).slice(0, -3), file]));
}

/**
 * Names files by their absolute paths, which stay true while code moves from file to file.
 *
 * @param {string} code
 * @param {string} file
 */
function toAbsoluteUrls(code, file) {
  return code.replace(urlOfFile, (_text, _quote, target) => {
    const absolute = path.resolve(path.dirname(file), target);
    return `new URL(${JSON.stringify(absoluteMark + absolute)}, import.meta.url)`;
  });
}

/**
 * Names files relative to `file` again.
 *
 * @param {string} code
 * @param {string} file where the code is written
 */
function toRelativeUrls(code, file) {
  return code.replace(absoluteUrl, (_text, absolute) => {
    const relative = path.posix.relative(path.dirname(file), absolute);
    return JSON.stringify(relative.startsWith(".") ? relative : `./${relative}`);
  });
}

/**
 * @param {string} file
 * @param {string} code
 */
function write(file, code) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, code);
}

/** @param {string} folder */
function compiledFilesOf(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".js")).map((file) => path.join(folder, file));
}

if (isMain(import.meta)) await bundle(projectRoot);
