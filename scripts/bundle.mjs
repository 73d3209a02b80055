/**
 * Joins the compiled files of `dist` into one per door and a few that doors share: Node takes longer to find and
 * read a hundred small files than to run them. Types stay as they are, a file each.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import { isMain, projectRoot } from "./command.mjs";

/**
 * Lists the entry files that package.json exports, by their paths in `dist` without an ending.
 *
 * @param {Record<string, string | { default: string }>} exports
 * @returns {Record<string, string>}
 */
export function findEntries(exports) {
  const files = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [] : [target.default],
  );
  return Object.fromEntries(files.map((file) => [/^\.\/dist\/(.+)\.js$/.exec(file)?.[1], file]));
}

/**
 * Bundles in place.
 *
 * @param {string} root the folder of package.json
 */
export async function bundle(root) {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const bundled = await rolldown({
    cwd: root,
    input: findEntries(exports),
    platform: "node",
    external: (id) => !/^\.{0,2}\//.test(id),
  });
  const { output } = await bundled.generate({ format: "esm", chunkFileNames: "shared/[name].js" });
  await bundled.close();
  const folder = path.join(root, "dist");
  for (const file of compiledFilesOf(folder)) rmSync(file);
  for (const part of output) {
    if (part.type === "chunk") write(path.join(folder, part.fileName), part.code);
  }
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
