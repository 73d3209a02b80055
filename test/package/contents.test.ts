import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Packed, packed } from "../support/installed-package.ts";
import { projectRoot } from "../support/program.ts";

describe("the package", () => {
  let contents: Packed;
  let paths: readonly string[] = [];

  beforeAll(async () => {
    contents = await packed();
    paths = contents.files.map(({ path }) => path);
  });

  test("holds what was built of each source file, a few texts, and nothing else", async () => {
    const sources = await readdir(join(projectRoot, "src"), { recursive: true });
    const modules = sources.filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
    const built = modules.flatMap((path) => {
      const stem = `dist/${path.slice(0, -".ts".length)}`;
      return [`${stem}.js`, `${stem}.d.ts`];
    });
    const texts = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    expect(paths.toSorted()).toEqual([...texts, ...built].toSorted());
  });

  test("holds no test and no file of a developer's", () => {
    const strays = paths.filter((path) =>
      /test\.|\.tsbuildinfo|\.env|\.log|bench|example/.test(path),
    );
    expect(strays).toEqual([]);
  });

  test("is small", () => {
    expect(contents.size).toBeLessThan(350_000);
  });
});
