import { createClient } from "redis";
import { fillKeys } from "../support/filling.mjs";
import { sessionOf, usualKeyCount } from "../support/values.mjs";
import { microsOf } from "./turns.mjs";

const readsAtOnce = 1_024;
const sizes = [16, 32, 64, 128, 256, 512];
/** What cachewell does. */
const ourSize = 128;
const keyPrefix = "session:";

/** Returns by size of a command what a read costs this process, and a command the server. */
export async function measureBatchSizes(server, settings) {
  const text = JSON.stringify(sessionOf(1));
  await fillKeys(server, { database: 0, keyPrefix, count: usualKeyCount, text });
  const options = { url: server.url(), commandOptions: { timeout: undefined } };
  const client = await createClient(options)
    .on("error", () => {})
    .connect();
  try {
    const reads = sizes.map((size) => readsOf(client, size));
    const micros = await microsOf(reads, settings);
    const rows = [];
    for (const [index, size] of sizes.entries()) {
      const commandMicros = await serverMicros(server, reads[index], settings);
      const readMicros = micros[index] / size;
      rows.push({ size, isOurs: size === ourSize, readMicros, commandMicros });
    }
    return rows;
  } finally {
    await client.close();
  }
}

function readsOf(client, size) {
  const operation = async (turn) => {
    const texts = await client.sendCommand(["MGET", ...keysFrom(turn * size, size)]);
    for (const text of texts) JSON.parse(text);
  };
  return { operation, callers: readsAtOnce / size };
}

async function serverMicros(server, reads, { turnMs }) {
  await server.cli("CONFIG", "RESETSTAT");
  await microsOf([reads], { turns: 1, warmUps: 0, turnMs });
  const statistics = await server.cli("INFO", "commandstats");
  return Number(/cmdstat_mget:.*usec_per_call=([\d.]+)/.exec(statistics)?.[1]);
}

function keysFrom(first, count) {
  return Array.from({ length: count }, (_none, at) => {
    return `${keyPrefix}${(first + at * 31) % usualKeyCount}`;
  });
}
