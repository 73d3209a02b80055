import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { CacheStore } from "../../src/adapters/express/index.ts";
import { openCache } from "../support/open-cache.ts";
import { projectRoot, runProgram } from "../support/program.ts";

const run = promisify(execFile);

describe("the package express-session", () => {
  test("has types that a CacheStore fits", { timeout: 60_000 }, async () => {
    expect(await typeErrorsOf(usesStore)).toBe("");
  });

  test("is missed by a CacheStore alone, which says what to install", async () => {
    const { stdout, stderr } = await runProgram(
      `import Module from "node:module";
       const resolve = Module._resolveFilename;
       Module._resolveFilename = function (name, ...rest) {
         if (name === "express-session") throw new Error("Cannot find it");
         return resolve.call(this, name, ...rest);
       };
       const { createCache } = await import("cachewell");
       const { createSessions } = await import("cachewell/sessions");
       const { CacheStore, sessionMiddleware } = await import("cachewell/express");
       const cache = createCache();
       console.log(typeof sessionMiddleware({ sessions: createSessions({ cache }) }));
       try { new CacheStore({ cache }); } catch (error) {
         console.log(error.code, error.message, error.cause.message);
       }`,
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "function",
      expect.stringMatching(/^CONFIGURATION .*npm install express-session\. Cannot find it$/),
      "",
    ]);
  });

  test.each([
    [{}, "cache must be"],
    [{ cache: "redis://" }, "cache must be"],
    [{ client: {} }, '"client"'],
    [{ ttl: null }, "ttl"],
  ])("is given no store with options that cannot be meant: %j", (options, message) => {
    const cache = openCache();
    expect(
      () => new CacheStore({ ...("ttl" in options && { cache }), ...options } as never),
    ).toThrow(message);
  });

  test("hears of events of the store, as of any emitter", async () => {
    const store = new CacheStore({ cache: openCache() });
    const heard = once(store, "disconnect");
    store.emit("disconnect");
    expect(await heard).toEqual([]);
  });
});

const usesStore = `
  import express from "express";
  import session from "express-session";
  import { createCache } from "cachewell";
  import { createSessions } from "cachewell/sessions";
  import { CacheStore, sessionMiddleware } from "cachewell/express";
  declare module "express-session" { interface SessionData { views: number; user?: string } }
  const cache = createCache();
  const store: session.Store = new CacheStore({ cache });
  const app = express();
  app.use(session({ secret: "s", store: new CacheStore({ cache }), resave: false }));
  app.get("/", sessionMiddleware({ sessions: createSessions({ cache }) }), (request, response) => {
    response.json([request.session.views, store.listenerCount("connect")]);
  });
`;

/** Compiles a program in a project that has the built package, and this one's packages. */
async function typeErrorsOf(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cachewell-types-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "node_modules"));
  await symlink(projectRoot, join(folder, "node_modules/cachewell"));
  await symlink(join(projectRoot, "node_modules/@types"), join(folder, "node_modules/@types"));
  await writeFile(join(folder, "program.mts"), program);
  const flags = "--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --types node";
  const dialect = "--target es2023 --lib esnext --module nodenext";
  const tsc = join(projectRoot, "node_modules/typescript/bin/tsc");
  const args = [tsc, ...flags.split(" "), ...dialect.split(" "), "program.mts"];
  return run(process.execPath, args, { cwd: folder }).then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout,
  );
}
