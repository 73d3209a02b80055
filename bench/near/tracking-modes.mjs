/** What invalidations cost the server: by prefix to every client, or by key to those that read it. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fillKeys } from "../support/filling.mjs";
import { memoryBytes, redisMicros } from "../support/redis-figures.mjs";
import { medianOf } from "../support/report.mjs";
import { RespLimit } from "../support/resp-limit.mjs";

/** @import { Socket } from "node:net" */
/** @import { RedisServer } from "cachewell/testing" */

/** @typedef {Awaited<ReturnType<typeof measureRound>>} TrackingFigures */
/** @typedef {{ mode: string, clients: number, figures: TrackingFigures }} TrackingCost */
/** @typedef {{ client: RespLimit, listener: Socket | undefined }} Reader */
/** @typedef {(server: RedisServer, client: RespLimit) => Promise<Socket | undefined>} Subscribe */

const keyPrefix = "tracked:";
const keyCount = 10_000;
const atATime = 100;
const settleMs = 50;
const value = "x".repeat(380);
const keys = Array.from({ length: keyCount }, (_none, index) => `${keyPrefix}${index}`);

/**
 * How the server learns what to invalidate for a connection that reads; each opens the connection that listens.
 *
 * @type {Readonly<Record<string, Subscribe>>}
 */
const modes = {
  "no tracking": async () => undefined,
  "by key, REDIRECT": trackKeysRead,
  "by prefix, BCAST": trackPrefix,
};

/**
 * Returns a row per mode and number of clients: µs of the server's CPU for a read, for a write of a key
 * that all have read, and for one of a key that none has read since it was written, and the bytes of
 * memory that a key costs which all have read.
 *
 * @param {RedisServer} server
 * @param {{ rounds: number }} settings
 */
export async function measureTracking(server, { rounds }) {
  /** @type {TrackingCost[]} */
  const rows = [];
  for (const [mode, subscribe] of Object.entries(modes)) {
    for (const clients of [1, 8]) {
      /** @type {TrackingFigures[]} */
      const figures = [];
      for (let round = 0; round < rounds; round += 1)
        figures.push(await measureRound(server, subscribe, clients));
      rows.push({ mode, clients, figures: mediansOf(figures) });
    }
  }
  return rows;
}

/**
 * @param {RedisServer} server
 * @param {Subscribe} subscribe
 * @param {number} clients
 */
async function measureRound(server, subscribe, clients) {
  await server.cli("FLUSHALL");
  await fillKeys(server, { database: 0, keyPrefix, count: keyCount, text: value });
  const writer = await RespLimit.connect(server.url());
  /** @type {Reader[]} */
  const readers = [];
  for (let client = 0; client < clients; client += 1)
    readers.push(await openReader(server, subscribe));
  const bytesBefore = await memoryBytes(server);
  const readMicros = await costOf(server, () => Promise.all(readers.map(readAll)));
  const bytes = (await memoryBytes(server)) - bytesBefore;
  const heldMicros = await costOf(server, () => writeAll(writer));
  const unheldMicros = await costOf(server, () => writeAll(writer));
  for (const client of [writer, ...readers.map((reader) => reader.client)]) client.close();
  for (const { listener } of readers) listener?.destroy();
  return {
    readMicros: readMicros / (clients * keyCount),
    heldMicros: heldMicros / keyCount,
    unheldMicros: unheldMicros / keyCount,
    bytesPerKey: bytes / keyCount,
  };
}

/**
 * @param {RedisServer} server
 * @param {Subscribe} subscribe
 * @returns {Promise<Reader>}
 */
async function openReader(server, subscribe) {
  const client = await RespLimit.connect(server.url());
  return { client, listener: await subscribe(server, client) };
}

/** @type {Subscribe} */
async function trackKeysRead(server, client) {
  const { listener, id } = await openListener(server, "SUBSCRIBE __redis__:invalidate");
  await client.send(["CLIENT", "TRACKING", "ON", "REDIRECT", id]);
  return listener;
}

/** @type {Subscribe} */
async function trackPrefix(server) {
  const commands = `HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX ${keyPrefix}`;
  return (await openListener(server, commands)).listener;
}

/**
 * Opens a connection that listens, and discards what it receives.
 *
 * @param {RedisServer} server
 * @param {string} commands
 */
async function openListener(server, commands) {
  const listener = connect(server.port, "127.0.0.1");
  listener.write("CLIENT ID\r\n");
  const answer = String((await once(listener, "data"))[0]);
  listener.write(`${commands}\r\n`);
  await once(listener, "data");
  listener.resume();
  return { listener, id: /:(\d+)/.exec(answer)?.[1] ?? "" };
}

/** @param {Reader} reader */
async function readAll({ client }) {
  await inBatches((key) => client.send(["GET", key]));
}

/** @param {RespLimit} writer */
async function writeAll(writer) {
  await inBatches((key) => writer.send(["SET", key, value]));
}

/** @param {(key: string) => Promise<unknown>} task */
async function inBatches(task) {
  for (let start = 0; start < keyCount; start += atATime)
    await Promise.all(keys.slice(start, start + atATime).map(task));
}

/**
 * Returns the µs of CPU that a task cost the server, invalidations included.
 *
 * @param {RedisServer} server
 * @param {() => Promise<unknown>} task
 */
async function costOf(server, task) {
  const before = await redisMicros(server);
  await task();
  await wait(settleMs);
  return (await redisMicros(server)) - before;
}

/**
 * @param {readonly TrackingFigures[]} rounds
 * @returns {TrackingFigures}
 */
function mediansOf(rounds) {
  return {
    readMicros: medianOf("readMicros", rounds),
    heldMicros: medianOf("heldMicros", rounds),
    unheldMicros: medianOf("unheldMicros", rounds),
    bytesPerKey: medianOf("bytesPerKey", rounds),
  };
}
