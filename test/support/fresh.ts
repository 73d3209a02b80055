import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { inject } from "vitest";

const run = promisify(execFile);

/** Counts the databases given away, in database 0, which is given to nobody. */
const databasesGiven = "cachewell-tests:databases-given";

/** Returns a key prefix that no other test has. */
export function freshPrefix(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}

/** Returns the shared server's location by TCP. */
export function sharedUrl(db = 0): string {
  return `redis://127.0.0.1:${inject("sharedRedis").port}/${db}`;
}

/** Returns the shared server's location by its unix socket. */
export function sharedUnixUrl(db = 0): string {
  return `unix://${inject("sharedRedis").socketPath}?db=${db}`;
}

/**
 * Returns an empty database of the shared server that no other test file has: for tests that flush or
 * count keys. There are 63 of them per run.
 */
export async function freshDatabase(): Promise<number> {
  const { socketPath, databases } = inject("sharedRedis");
  const { stdout } = await run("redis-cli", ["-s", socketPath, "INCR", databasesGiven]);
  const db = Number(stdout);
  if (db < databases) return db;
  throw new Error(
    `All ${databases} databases are given away: raise the number in global-setup.ts.`,
  );
}
