import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reply } from "./reply.ts";

/** The files that pages ask for, by address. */
export type Assets = ReadonlyMap<string, Reply>;

const types = { "style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml" };

/** Reads the style sheet and the icon. */
export async function loadAssets(folder: string): Promise<Assets> {
  const loading = Object.entries(types).map(async ([file, type]): Promise<[string, Reply]> => {
    const body = await readFile(join(folder, file), "utf8");
    return [`/${file}`, { status: 200, headers: { "Content-Type": type }, body }];
  });
  return new Map(await Promise.all(loading));
}
