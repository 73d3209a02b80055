import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import packageFile from "../../package.json" with { type: "json" };
import { findEntries } from "../../scripts/bundle.mjs";
import { type Packed, packed } from "../support/installed-package.ts";
import { projectRoot } from "../support/program.ts";

describe("the package", () => {
  let contents: Packed;
  let paths: readonly string[] = [];

  beforeAll(async () => {
    contents = await packed();
    paths = contents.files.map(({ path }) => path);
  });

  test("holds the types of each source file, the code of each door, a few texts, and nothing else", async () => {
    const sources = await readdir(join(projectRoot, "src"), { recursive: true });
    const modules = sources.filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
    const types = modules.map((path) => `dist/${path.slice(0, -".ts".length)}.d.ts`);
    const doors = Object.values(findEntries(packageFile)).map((file) => file.slice("./".length));
    const texts = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const meant = [...texts, ...types, ...doors];
    const others = paths.filter((path) => !/^dist\/shared\/[\w-]+\.js$/.test(path));
    expect(others.toSorted()).toEqual(meant.toSorted());
  });

  test("has few files of code: Node takes long to find and read many", () => {
    expect(paths.filter((path) => path.endsWith(".js")).length).toBeLessThan(20);
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
