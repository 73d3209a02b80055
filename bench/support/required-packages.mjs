import { readFileSync } from "node:fs";

/**
 * Returns the packages that come with the one in a folder: what it requires, and what those require.
 *
 * @param {URL} folder
 */
export function requiredPackages(folder) {
  /** @type {Set<string>} */
  const found = new Set();
  visit(folder, found, folder);
  return [...found];
}

/**
 * @param {URL} folder
 * @param {Set<string>} found
 * @param {URL} root
 */
function visit(folder, found, root) {
  /** @type {Partial<Record<"dependencies" | "optionalDependencies", Record<string, string>>>} */
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(new URL("package.json", folder), "utf8"),
  );
  for (const name of Object.keys(dependencies)) {
    if (Object.hasOwn(optionalDependencies, name) || found.has(name)) continue;
    found.add(name);
    visit(new URL(`node_modules/${name}/`, root), found, root);
  }
}
