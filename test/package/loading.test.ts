import { stat } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedUrl } from "../support/fresh.ts";
import { installPackage, type UsersProject } from "../support/installed-package.ts";
import { type Ending, runProgram } from "../support/program.ts";

/** Writes the URL of every module that Node resolves to the standard error. */
const tellEachModule = `data:text/javascript,${encodeURIComponent(`
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(\`
    import { writeSync } from "node:fs";
    export async function resolve(specifier, context, next) {
      const resolved = await next(specifier, context);
      writeSync(2, "module " + resolved.url + "\\\\n");
      return resolved;
    }\`));
`)}`;

/** The modules of Node that servers and a proxy need. */
const builtinsOfTesting = [
  "node:child_process",
  "node:events",
  "node:fs",
  "node:fs/promises",
  "node:net",
  "node:os",
  "node:path",
  "node:timers/promises",
  "node:util",
];

describe("the built package, installed", () => {
  let project: UsersProject;

  beforeAll(async () => {
    project = await installPackage(["@redis/client", "lru-cache", "msgpackr"]);
  });

  afterAll(async () => {
    await project.remove();
  });

  async function run(source: string, type: "module" | "commonjs" = "module"): Promise<Ending> {
    const nodeArgs = ["--disable-warning=ExperimentalWarning"];
    const env = { URL: sharedUrl() };
    return runProgram(source, { cwd: project.directory, nodeArgs, env, type });
  }

  /** Returns the URLs of the modules that the program resolves, one per line. */
  async function modulesOf(source: string): Promise<string> {
    const nodeArgs = ["--import", tellEachModule];
    const env = { URL: sharedUrl() };
    const ending = await runProgram(source, { cwd: project.directory, nodeArgs, env });
    expect(ending).toMatchObject({ exitCode: 0 });
    return ending.stderr;
  }

  /** Returns the packages loaded by the program, before and after it says `later`. */
  async function loadedBy(source: string): Promise<Readonly<Record<"before" | "after", string[]>>> {
    const later = `const later = () => process.stderr.write("later\\n");`;
    const modules = await modulesOf(`${later}\n${source}`);
    const [before = "", after = ""] = modules.split("later\n");
    return { before: packagesIn(before), after: packagesIn(after) };
  }

  test("importing it loads no Redis client", async () => {
    const { before } = await loadedBy(`import "cachewell";`);
    expect(before).toContain("cachewell");
    expect(before).not.toContain("@redis/client");
  });

  test("making a Redis cache loads no Redis client; its first command does", async () => {
    const { before, after } = await loadedBy(
      `import { createCache } from "cachewell";
       const cache = createCache({ location: process.env.URL });
       cache.namespace("users").storedKey("key");
       later();
       await cache.ping();
       await cache.close();`,
    );
    expect(before).not.toContain("@redis/client");
    expect(after).toContain("@redis/client");
  });

  test("closing a Redis cache that was never used loads no Redis client", async () => {
    const { before } = await loadedBy(
      `import { createCache } from "cachewell";
       await createCache({ location: process.env.URL }).close();`,
    );
    expect(before).not.toContain("@redis/client");
  });

  test.each(["memory:", "memory:name", "dummy:"])(
    "%s never loads a Redis client",
    async (location) => {
      const { before } = await loadedBy(
        `import { createCache } from "cachewell";
       const cache = createCache({ location: ${JSON.stringify(location)} });
       await cache.set("key", { when: new Date() });
       await cache.getOrSet("other", () => 1);
       await cache.incr("count", 1, { ifMissing: "create" });
       await (await cache.lock("door", { ttl: 1 })).release();
       await cache.deletePattern("*");
       await cache.close();`,
      );
      expect(before).toContain("cachewell");
      expect(before).not.toContain("@redis/client");
    },
  );

  test("importing cachewell/testing loads no other package, and no cache", async () => {
    const modules = await modulesOf(`import "cachewell/testing";`);
    expect(packagesIn(modules)).toEqual(["cachewell"]);
    expect(builtinsIn(modules)).toEqual(builtinsOfTesting);
    expect(await sizeOfFiles(modules)).toBeLessThan(40_000);
  });

  test("require() of it works, and gives the same classes as import", async () => {
    const ending = await run(
      `const { createCache, CacheError, ...rest } = require("cachewell");
       (async () => {
         const cache = createCache();
         await cache.set("key", new Map([[1, 2n]]));
         const imported = await import("cachewell");
         console.log(await cache.get("key"), imported.CacheError === CacheError);
         await cache.getOrThrow("none").catch((error) => console.log(error instanceof imported.CacheMissError));
       })();`,
      "commonjs",
    );
    expect(ending).toMatchObject({
      exitCode: 0,
      stdout: "Map(1) { 1 => 2n } true\ntrue\n",
      stderr: "",
    });
  });

  const doors = ["", "/sessions", "/express", "/fastify", "/koa", "/testing"];

  test.each(doors.map((door) => `cachewell${door}`))(
    "the door %s opens both ways",
    async (door) => {
      const imported = await run(`console.log(Object.keys(await import("${door}")).length > 0);`);
      const required = await run(
        `console.log(Object.keys(require("${door}")).length > 0);`,
        "commonjs",
      );
      expect(imported).toMatchObject({ exitCode: 0, stdout: "true\n", stderr: "" });
      expect(required).toMatchObject({ exitCode: 0, stdout: "true\n", stderr: "" });
    },
  );

  test("what is not a door stays shut", async () => {
    const { exitCode, stderr } = await run(`await import("cachewell/dist/create-cache.js");`);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  test("every error of API.md is exported", async () => {
    const { stdout } = await run(`console.log(Object.keys(await import("cachewell")).join());`);
    expect(stdout.trim().split(",").toSorted()).toEqual(
      [
        "CacheError CacheMissError ClosedError CommandTimeoutError ConfigurationError",
        "CounterOverflowError DecodeError EncodeError FactoryTimeoutError LockLostError",
        "LockTimeoutError NotAnIntegerError OverloadedError ServerRefusedError",
        "SessionInterruptedError StoreUnavailableError UnknownCacheError ValueTooLargeError",
        "WrongTypeError createCache createCaches",
      ]
        .join(" ")
        .split(" "),
    );
  });

  test("Redis works from it", async () => {
    const ending = await run(
      `import { createCache } from "cachewell";
       const cache = createCache({ location: process.env.URL, keyPrefix: "package-test" });
       await cache.set("key", { list: [1, "two"] });
       console.log(await cache.take("key"));
       await cache.close();`,
    );
    expect(ending).toMatchObject({ exitCode: 0, stdout: "{ list: [ 1, 'two' ] }\n", stderr: "" });
  });
});

/** Returns the names of the packages that URLs of modules point into, each once. */
function packagesIn(lines: string): string[] {
  const names = lines.matchAll(/^module file:.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//gm);
  return [...new Set(Array.from(names, ([, name = ""]) => name))];
}

/** Returns the modules of Node among URLs of modules, each once, sorted. */
function builtinsIn(lines: string): string[] {
  const names = lines.matchAll(/^module (node:.+)$/gm);
  return [...new Set(Array.from(names, ([, name = ""]) => name))].toSorted();
}

/** Returns how many bytes the files have that URLs of modules point to, each counted once. */
async function sizeOfFiles(lines: string): Promise<number> {
  const urls = new Set(Array.from(lines.matchAll(/^module (file:.+)$/gm), ([, url = ""]) => url));
  const sizes = Array.from(urls, async (url) => (await stat(new URL(url))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
