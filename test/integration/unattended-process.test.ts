import { describe, expect, test } from "vitest";
import { runProgram } from "../support/program.ts";
import { closedPort, startedRedis } from "../support/servers.ts";

/** Programs that listen to nothing: a crash, a warning or a process that hangs shows at their end. */
describe("a program that uses Redis and looks after nothing", () => {
  test("ends by itself once its cache is closed", async () => {
    const server = await startedRedis();
    const ending = await runProgram(
      `import { createCache } from "cachewell";
       const cache = createCache({ location: process.env.URL });
       await cache.set("key", 1);
       await cache.getOrSet("other", () => 2);
       const lock = await cache.lock("door", { ttl: 10, autoExtend: true });
       await lock.release();
       await cache.close();
       console.log("closed");`,
      { env: { URL: server.url() } },
    );
    expect(ending).toMatchObject({ exitCode: 0, stdout: "closed\n", stderr: "" });
  });

  test("ends by itself once its cache is closed, which had a near cache", async () => {
    const server = await startedRedis();
    const ending = await runProgram(
      `import { createCache } from "cachewell";
       const cache = createCache({ location: process.env.URL, nearCache: true });
       await cache.set("key", 1);
       while (cache.stats().near.hits === 0) {
         await cache.get("key");
         await new Promise((resolve) => setTimeout(resolve, 5));
       }
       await cache.close();
       console.log("closed");`,
      { env: { URL: server.url() } },
    );
    expect(ending).toMatchObject({ exitCode: 0, stdout: "closed\n", stderr: "" });
  });

  test("ends by itself once its cache is closed while a command had timed out", async () => {
    const server = await startedRedis();
    const ending = await runProgram(
      `import { createCache } from "cachewell";
       const cache = createCache({ location: process.env.URL, commandTimeout: "100ms" });
       await cache.set("key", 1);
       process.kill(Number(process.env.PID), "SIGSTOP");
       await cache.get("key").catch((error) => console.log(error.code));
       await cache.close();
       console.log("closed");`,
      { env: { URL: server.url(), PID: `${server.pid}` } },
    );
    expect(ending).toMatchObject({ exitCode: 0, stdout: "COMMAND_TIMEOUT\nclosed\n", stderr: "" });
  });

  test("ends by itself when its server was never reached, closed or not", async () => {
    const ending = await runProgram(
      `import { createCache } from "cachewell";
       const cache = createCache({ location: process.env.URL });
       await cache.get("key").catch((error) => console.log(error.code));`,
      { env: { URL: `redis://127.0.0.1:${await closedPort()}` } },
    );
    expect(ending).toMatchObject({ exitCode: 0, stdout: "STORE_UNAVAILABLE\n", stderr: "" });
  });

  test("ends by itself with caches that it made and never used", async () => {
    const ending = await runProgram(
      `import { createCache } from "cachewell";
       for (const location of ["memory:", "memory:a", "dummy:", "redis://127.0.0.1:1"]) {
         createCache({ location });
       }`,
    );
    expect(ending).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("survives refusals, kills, freezes, restarts and closing, without a word", async () => {
    const server = await startedRedis();
    const ending = await runProgram(
      `import { execFileSync, spawn } from "node:child_process";
       import { setTimeout as wait } from "node:timers/promises";
       import { createCache } from "cachewell";
       const { URL: location, PID, SOCKET, CLOSED } = process.env;
       const cli = (...args) => execFileSync("redis-cli", ["-s", SOCKET, ...args]);
       const codes = new Set();
       const note = (error) => codes.add(error.code ?? error.message);
       const options = { commandTimeout: "80ms", connectTimeout: "100ms" };

       const refused = createCache({ location: CLOSED, ...options });
       await Promise.all([refused.get("a"), refused.set("b", 1), refused.lock("c", { ttl: 1 })].map((call) => call.catch(note)));
       await refused.withLock("c", { ttl: 1 }, () => 1).catch(note);
       await refused.getOrSetMany(["a", "b"], (keys) => keys.map((key) => [key, 1])).catch(note);
       await refused.close();

       const cache = createCache({ location, ...options });
       await cache.set("key", 1);
       const lock = await cache.lock("door", { ttl: 0.3, autoExtend: true });
       for (let round = 0; round < 5; round++) {
         cli("CLIENT", "KILL", "TYPE", "normal");
         await Promise.all([cache.get("key"), cache.incr("key"), cache.setMany({ a: 1, b: 2 }), cache.getOrSetMany(["x", "y"], async (keys) => keys.map((key) => [key, 1]))].map((call) => call.catch(note)));
       }
       while (!(await cache.get("key").then(() => true, () => false))) await wait(5); // the last kill is over
       process.kill(Number(PID), "SIGSTOP");
       await Promise.all([cache.get("key"), cache.set("key", 2), cache.lock("other", { ttl: 1, wait: 0 })].map((call) => call.catch(note)));
       await wait(400); // the lock runs out meanwhile
       process.kill(Number(PID), "SIGKILL");
       await wait(50);
       await Promise.all([cache.get("key"), cache.set("key", 3), lock.release()].map((call) => call.catch(note)));
       const lost = cache.get("key").catch(note);
       await cache.close();
       await lost;
       await cache.get("key").catch(note);
       console.log([...codes].sort().join());`,
      {
        env: {
          URL: server.url(),
          PID: `${server.pid}`,
          SOCKET: server.socketPath,
          CLOSED: `redis://127.0.0.1:${await closedPort()}`,
        },
      },
    );
    expect(ending.stderr).toBe("");
    expect(ending).toMatchObject({
      exitCode: 0,
      stdout: "CLOSED,COMMAND_TIMEOUT,STORE_UNAVAILABLE\n",
    });
  });
});
