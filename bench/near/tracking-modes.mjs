/** What it costs the server to tell of changes: by prefix to everybody, or by key to those who read it. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fillKeys } from "../support/filling.mjs";
import { median } from "../support/measure.mjs";
import { memoryBytes, redisMicros } from "../support/redis-figures.mjs";
import { RespLimit } from "../support/resp-limit.mjs";

const keyPrefix = "tracked:";
const keyCount = 10_000;
const atATime = 100;
const settleMs = 50;
const value = "x".repeat(380);
const keys = Array.from({ length: keyCount }, (_none, index) => `${keyPrefix}${index}`);

/** How a connection that reads has somebody told of changes. */
const modes = {
  "no tracking": async () => undefined,
  "by key, REDIRECT": tellOfKeysRead,
  "by prefix, BCAST": tellOfPrefix,
};

/**
 * Returns a row per mode and number of clients: µs of the server's CPU for a read, for a write of a key
 * that all have read, and for one of a key that none has read since it was written, and the bytes of
 * memory that a key costs which all have read.
 */
export async function measureTracking(server, { rounds }) {
  const rows = [];
  for (const mode of Object.keys(modes)) {
    for (const clients of [1, 8]) {
      const figures = [];
      for (let round = 0; round < rounds; round += 1)
        figures.push(await measureRound(server, mode, clients));
      rows.push({ mode, clients, figures: mediansOf(figures) });
    }
  }
  return rows;
}

async function measureRound(server, mode, clients) {
  await server.cli("FLUSHALL");
  await fillKeys(server, { database: 0, keyPrefix, count: keyCount, text: value });
  const writer = await RespLimit.connect(server.url());
  const readers = [];
  for (let client = 0; client < clients; client += 1)
    readers.push(await openReader(server, modes[mode]));
  const bytesBefore = await memoryBytes(server);
  const readMicros = await costOf(server, () => Promise.all(readers.map(readAll)));
  const bytes = (await memoryBytes(server)) - bytesBefore;
  const heldMicros = await costOf(server, () => writeAll(writer));
  const unheldMicros = await costOf(server, () => writeAll(writer));
  for (const socket of [writer, ...readers.flatMap(({ client, listener }) => [client, listener])])
    (socket?.close ?? socket?.destroy)?.call(socket);
  return {
    readMicros: readMicros / (clients * keyCount),
    heldMicros: heldMicros / keyCount,
    unheldMicros: unheldMicros / keyCount,
    bytesPerKey: bytes / keyCount,
  };
}

async function openReader(server, tell) {
  const client = await RespLimit.connect(server.url());
  return { client, listener: await tell(server, client) };
}

async function tellOfKeysRead(server, client) {
  const { listener, id } = await openListener(server, "SUBSCRIBE __redis__:invalidate");
  await client.send(["CLIENT", "TRACKING", "ON", "REDIRECT", id]);
  return listener;
}

async function tellOfPrefix(server) {
  const commands = `HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX ${keyPrefix}`;
  return (await openListener(server, commands)).listener;
}

/** Opens a connection which listens, and cares for nothing that it hears. */
async function openListener(server, commands) {
  const listener = connect(server.port, "127.0.0.1");
  listener.write("CLIENT ID\r\n");
  const [answer] = await once(listener, "data");
  listener.write(`${commands}\r\n`);
  await once(listener, "data");
  listener.resume();
  return { listener, id: /:(\d+)/.exec(answer)[1] };
}

async function readAll({ client }) {
  await inBatches((key) => client.send(["GET", key]));
}

async function writeAll(writer) {
  await inBatches((key) => writer.send(["SET", key, value]));
}

async function inBatches(task) {
  for (let start = 0; start < keyCount; start += atATime)
    await Promise.all(keys.slice(start, start + atATime).map(task));
}

/** Returns the µs of CPU that a task cost the server, what it has to tell of it too. */
async function costOf(server, task) {
  const before = await redisMicros(server);
  await task();
  await wait(settleMs);
  return (await redisMicros(server)) - before;
}

function mediansOf(rounds) {
  const names = Object.keys(rounds[0]);
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((one) => one[name]))]));
}
