import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPackage, type UsersProject } from "../support/installed-package.ts";
import { projectRoot } from "../support/program.ts";

const run = promisify(execFile);

let project: UsersProject;

beforeAll(async () => {
  project = await installPackage([
    "@redis/client",
    "lru-cache",
    "msgpackr",
    "@types/node",
    "undici-types",
  ]);
  const compilerOptions = {
    target: "ES2023",
    lib: ["ES2023", "ESNext.Disposable"],
    module: "NodeNext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const { directory } = project;
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  await copyFile(join(projectRoot, "test/types/cache.test-d.ts"), join(directory, "esm.ts"));
  await copyFile(join(projectRoot, "test/types/cache.test-d.ts"), join(directory, "commonjs.cts"));
});

afterAll(async () => {
  await project.remove();
});

test("the types that users get keep every promise, to ESM and CommonJS, without skipLibCheck", async () => {
  const compiler = join(projectRoot, "node_modules/.bin/tsc");
  const complaints = await run(compiler, ["-p", "."], { cwd: project.directory }).then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout,
  );
  expect(complaints).toBe("");
});
