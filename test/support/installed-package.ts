import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "./program.ts";

const run = promisify(execFile);

/** What `npm pack` says of the package. */
export interface Packed {
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** The bytes of the tarball. */
  readonly size: number;
}

/** A project of a user's, with the packed package installed in it, and nothing else of this project. */
export interface UsersProject {
  readonly directory: string;
  remove(): Promise<void>;
}

/** Returns what would be published, without writing it. */
export async function packed(): Promise<Packed> {
  const [first] = await pack("--dry-run");
  if (!first) throw new Error("npm pack said nothing.");
  return first;
}

/** Packs the package and installs it in a directory of its own, beside its dependencies. */
export async function installPackage(dependencies: readonly string[]): Promise<UsersProject> {
  const directory = await mkdtemp(join(tmpdir(), "cachewell-user-"));
  const modules = join(directory, "node_modules");
  await mkdir(join(modules, "cachewell"), { recursive: true });
  const [{ filename } = { filename: "" }] = await pack("--pack-destination", directory);
  const tarball = join(directory, filename);
  await run("tar", ["xzf", tarball, "-C", join(modules, "cachewell"), "--strip-components=1"]);
  for (const name of dependencies) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(projectRoot, "node_modules", name), join(modules, name));
  }
  return { directory, remove: () => rm(directory, { recursive: true }) };
}

async function pack(...args: string[]): Promise<(Packed & { readonly filename: string })[]> {
  if (!existsSync(join(projectRoot, "dist/index.js")))
    throw new Error("Build first: npm run build.");
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", ...args], {
    cwd: projectRoot,
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout) as (Packed & { readonly filename: string })[];
}
