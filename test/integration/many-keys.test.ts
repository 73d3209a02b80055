import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { runProgram } from "../support/program.ts";

const million = 1_000_000;

describe("a million keys", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedisServer({ args: ["--enable-debug-command", "yes"] });
    await server.cli("DEBUG", "POPULATE", `${million}`, "app:1:key", "1");
    await server.cli("SET", "other:1:key", "1");
    await server.cli("SET", "app:2:key", "1");
  });

  afterAll(async () => {
    await server.stop();
  });

  async function run(program: string): Promise<Readonly<Record<string, unknown>>> {
    const ending = await runProgram(
      `import { createCache } from "cachewell";
       const cache = createCache({ location: process.env.URL, keyPrefix: "app", commandTimeout: "5s" });
       await cache.ping();
       const heapMb = () => { gc(); return process.memoryUsage().heapUsed / 2 ** 20; };
       const print = (result) => console.log(JSON.stringify(result));
       ${program}
       await cache.close();`,
      { nodeArgs: ["--expose-gc"], env: { URL: server.url() } },
    );
    expect(ending).toMatchObject({ exitCode: 0, stderr: "" });
    return JSON.parse(ending.stdout) as Readonly<Record<string, unknown>>;
  }

  test("deletePattern stops between two batches when it is told to", async () => {
    const result = await run(`
      const stop = new AbortController();
      let told = 0;
      const onProgress = (deleted) => { told = deleted; if (deleted >= 20_000) stop.abort(new Error("enough")); };
      const reason = await cache.deletePattern("key:*", { onProgress, signal: stop.signal }).catch((error) => error.message);
      print({ reason, told });`);
    expect(result["reason"]).toBe("enough");
    expect(result["told"]).toBeGreaterThanOrEqual(20_000);
    expect(result["told"]).toBeLessThan(30_000);
    const left = Number(await server.cli("DBSIZE"));
    expect(left).toBe(million + 2 - Number(result["told"]));
  });

  test("a loop over iterKeys may be left early", async () => {
    const result = await run(`
      let seen = 0;
      for await (const key of cache.iterKeys("key:*")) if (++seen === 5) break;
      print({ seen, pending: cache.stats().pending });`);
    expect(result).toEqual({ seen: 5, pending: 0 });
  });

  test("deletePattern removes them with a flat heap, and tells how far it is", async () => {
    const left = Number(await server.cli("DBSIZE"));
    const result = await run(`
      const before = heapMb();
      let peak = 0;
      let calls = 0;
      let last = 0;
      const startedMs = performance.now();
      const onProgress = (deleted) => {
        if (deleted < last) throw new Error("it went backwards");
        last = deleted;
        if (++calls % 100 === 0) peak = Math.max(peak, heapMb());
      };
      const deleted = await cache.deletePattern("key:*", { onProgress });
      print({ deleted, last, calls, grownMb: peak - before, tookMs: performance.now() - startedMs });`);
    expect(result["deleted"]).toBe(left - 2);
    expect(result["last"]).toBe(left - 2);
    expect(result["calls"]).toBeGreaterThan(900);
    expect(result["grownMb"]).toBeLessThan(30);
    expect(await server.cli("DBSIZE")).toBe("2");
  });
});
