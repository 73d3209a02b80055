/** Races between a near cache and another client: a read behind a fence must return the new value. */
import { requireAt } from "../support/require.mjs";
import { holdFence, passFence, write } from "./fence.mjs";

/** @import { RespLimit } from "../support/resp-limit.mjs" */
/** @import { Place } from "./fence.mjs" */
/** @import { NearReader } from "./readers.mjs" */

const writesAtATime = 100;
const fewKeys = Array.from({ length: 8 }, (_none, index) => `few:${index}`);
const manyKeys = Array.from({ length: 200 }, (_none, index) => `many:${index}`);
let versions = 0;

/**
 * Returns how many reads were stale after random writes, while others were reading.
 *
 * @param {Place} place
 * @param {number} writes
 */
export async function staleAfterWrites(place, writes) {
  let stale = 0;
  for (let done = 0; done < writes; done += writesAtATime) {
    await holdFence(place);
    const written = Array.from({ length: writesAtATime }, () => oneOf(manyKeys));
    const reading = new AbortController();
    const readers = fewKeys.map(() => readAtRandom(place.cache, reading.signal));
    /** @type {Map<string, number>} */
    const latest = new Map();
    for (const key of written) latest.set(key, (versions += 1));
    await Promise.all([...latest].map(([key, version]) => write(place.other, key, version)));
    await passFence(place);
    reading.abort();
    await Promise.all(readers);
    for (const key of written) if ((await place.cache.get(key)) !== latest.get(key)) stale += 1;
  }
  return stale;
}

/**
 * Returns how many reads were stale after FLUSHALL, each time while reads were under way.
 *
 * @param {Place} place
 * @param {number} races
 */
export async function staleAfterFlushes(place, races) {
  let stale = 0;
  for (let race = 0; race < races; race += 1) {
    await writeAll(place, fewKeys);
    await holdFence(place);
    const reads = fewKeys.map((key) => afterAWhile(() => place.cache.get(key)));
    await Promise.all([...reads, afterAWhile(() => place.other.send(["FLUSHALL"]))]);
    await passFence(place);
    for (const key of fewKeys) if ((await place.cache.get(key)) !== undefined) stale += 1;
  }
  return stale;
}

/**
 * Returns how many reads were stale after the connection that carries invalidations was killed.
 *
 * @param {Place} place
 * @param {number} kills
 */
export async function staleAfterKills(place, kills) {
  let stale = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    await writeAll(place, fewKeys);
    await holdFence(place);
    for (const key of fewKeys) await place.cache.get(key);
    for (const id of await trackingConnections(place.other))
      await place.other.send(["CLIENT", "KILL", "ID", id]);
    const written = await writeAll(place, fewKeys);
    await passFence(place);
    for (const key of fewKeys) if ((await place.cache.get(key)) !== written) stale += 1;
  }
  return stale;
}

/**
 * @param {NearReader} cache
 * @param {AbortSignal} signal
 */
async function readAtRandom(cache, signal) {
  while (!signal.aborted) {
    await cache.get(oneOf(manyKeys));
    await new Promise(setImmediate);
  }
}

/**
 * Writes a new version of all keys, and returns it.
 *
 * @param {Place} place
 * @param {readonly string[]} keys
 */
async function writeAll({ other }, keys) {
  versions += 1;
  await Promise.all(keys.map((key) => write(other, key, versions)));
  return versions;
}

/**
 * Starts a task up to four rounds of the event loop later.
 *
 * @param {() => Promise<unknown>} task
 */
async function afterAWhile(task) {
  for (let rounds = Math.floor(Math.random() * 5); rounds > 0; rounds -= 1)
    await new Promise(setImmediate);
  return task();
}

/**
 * Returns the ids of the connections that track keys, and of those that invalidations are redirected to.
 *
 * @param {RespLimit} other
 */
async function trackingConnections(other) {
  const list = await other.send(["CLIENT", "LIST"]);
  const rows = (list ?? "").split("\n").filter((row) => /flags=\S*t/.test(row));
  if (rows.length === 0) throw new Error("No connection tracks keys.");
  const ids = rows.flatMap((row) => [/\bid=(\d+)/.exec(row)?.[1], /\bredir=(\d+)/.exec(row)?.[1]]);
  return ids.filter((id) => id !== undefined).filter((id) => id !== "0");
}

/** @param {readonly string[]} list */
function oneOf(list) {
  return requireAt(list, Math.floor(Math.random() * list.length));
}
