import { setImmediate as nextTurn } from "node:timers/promises";

const mebibyte = 2 ** 20;

/**
 * What a process holds while nothing is under way.
 *
 * @typedef {object} Vitals
 * @property {number} heapMiB what JavaScript holds
 * @property {number} buffersMiB what it holds outside of its heap
 * @property {Readonly<Record<string, number>>} handles how many of each kind keep the process alive
 * @property {number} clients connections that the server has
 */

/**
 * Measures them after a garbage collection.
 *
 * @param {import("cachewell/testing").RedisServer} server
 * @returns {Promise<Vitals>}
 */
export async function takeVitals(server) {
  const clients = await countClients(server);
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  const heapMiB = heapUsed / mebibyte;
  return { heapMiB, buffersMiB: external / mebibyte, handles: countHandles(), clients };
}

/**
 * Counts what keeps this process alive, by kind; without immediates, which are over in a moment. The standard streams
 * are opened first: Node opens stderr when the first socket is destroyed, which is no leak.
 */
export function countHandles() {
  void [process.stdout, process.stderr];
  /** @type {Record<string, number>} */
  const counts = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  const { Immediate: _, ...lasting } = counts;
  return lasting;
}

/**
 * Counts the connections that a server has, without the one that asks.
 *
 * @param {import("cachewell/testing").RedisServer} server
 */
export async function countClients(server) {
  const clients = await server.cli("CLIENT", "LIST");
  return clients.split("\n").filter((line) => !line.includes("cmd=client")).length;
}

/**
 * Returns the kinds that have more handles than before, in words.
 *
 * @param {Readonly<Record<string, number>>} before
 * @param {Readonly<Record<string, number>>} after
 */
export function handlesMore(before, after) {
  return Object.entries(after)
    .filter(([kind, count]) => count > (before[kind] ?? 0))
    .map(([kind, count]) => `${kind}: ${before[kind] ?? 0}, now ${count}`);
}

/** @param {Readonly<Record<string, number>>} handles */
export function handlesText(handles) {
  const parts = Object.entries(handles).map(([kind, count]) => `${kind} ${count}`);
  return parts.toSorted().join(", ") || "none";
}
