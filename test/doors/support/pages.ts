import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

const folder = join(tmpdir(), `cachewell-pages-${randomUUID()}`);

export const page = "a page that is sent whole\n";

/** A file that holds `page`. */
export const file: string = join(folder, "page.txt");

/** A file of 3.2 MB: 200,000 times the hexadecimal digits. */
export const largeFile: string = join(folder, "large.txt");

/** Has the files while the tests of the calling file run. */
export function withPages(): void {
  beforeAll(async () => {
    await mkdir(folder);
    await writeFile(file, page);
    await writeFile(largeFile, "0123456789abcdef".repeat(200_000));
  });
  afterAll(() => rm(folder, { recursive: true }));
}
