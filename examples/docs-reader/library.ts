import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** A Markdown file of the project. */
export interface Document {
  /** The path within the project, with slashes: `docs/errors.md`. */
  readonly path: string;
  /** Changes whenever the file does. */
  readonly revision: string;
}

/** The files at the top that are shown, in this order. */
const topFiles = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/**
 * The documents of a project: a few files at its top, and all Markdown in `docs`.
 *
 * Only listed files are ever opened, so no path that a visitor makes up can lead anywhere else.
 */
export class Library {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Returns the documents there are now: the top ones first, then those of `docs` by path. */
  async list(): Promise<readonly Document[]> {
    const inDocs = await listMarkdown(join(this.#root, "docs"));
    const paths = [...topFiles, ...inDocs.map((file) => this.#toPath(file)).toSorted(byFolder)];
    const documents = await Promise.all(paths.map((path) => this.#inspect(path)));
    return documents.filter((document) => document !== undefined);
  }

  /** Returns the Markdown of a document. */
  read({ path }: Document): Promise<string> {
    return readFile(join(this.#root, path), "utf8");
  }

  async #inspect(path: string): Promise<Document | undefined> {
    const found = await unlessMissing(stat(join(this.#root, path)));
    if (!found?.isFile()) return undefined;
    return { path, revision: `${Math.round(found.mtimeMs).toString(36)}-${found.size}` };
  }

  #toPath(file: string): string {
    return relative(this.#root, file).split(sep).join("/");
  }
}

/** Symbolic links are no files here, so none can lead out of the folder. */
async function listMarkdown(folder: string): Promise<readonly string[]> {
  const reading = readdir(folder, { recursive: true, withFileTypes: true });
  const entries = (await unlessMissing(reading)) ?? [];
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files of a folder come before those of the folders in it, its index first. */
function byFolder(one: string, other: string): number {
  return rankOf(one) - rankOf(other) || one.localeCompare(other, "en");
}

function rankOf(path: string): number {
  const depth = path.split("/").length;
  return path.endsWith("/index.md") ? depth - 0.5 : depth;
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
