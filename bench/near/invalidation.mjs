import { appCore, otherCore, pin } from "../support/cores.mjs";
import { startWorker } from "../support/worker-process.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { WorkerProcess } from "../support/worker-process.mjs" */

/** @typedef {WorkerProcess<typeof import("./reader.mjs").commands>} ReaderWorker */
/** @typedef {{ drops: number[], sinceSent: number[], pings: number[] }} Waits in milliseconds */

const keyCount = 100;
/** Every key has to be there before it can be held. */
const warmUps = keyCount;

/**
 * Returns the milliseconds from the reply to a write until the reader had dropped the value, those since the write
 * was sent, and those that a PING between the changes took. Reader and writer are two connections of one process,
 * and the server is another: a third process would share one of the two cores, and the figures would show that.
 *
 * @param {RedisServer} server
 * @param {{ changes: number }} settings
 */
export async function measureInvalidation(server, { changes }) {
  /** @type {ReaderWorker} */
  const reader = startWorker(new URL("reader.mjs", import.meta.url));
  pin(server.pid, otherCore);
  pin(reader.pid, appCore);
  try {
    await reader.ask("open", { url: server.url() });
    /** @type {Waits} */
    const waits = { drops: [], sinceSent: [], pings: [] };
    for (let change = 0; change < warmUps + changes; change += 1) {
      const { dropMs, sinceSentMs, pingMs } = await reader.ask("change", {
        key: `changing:${change % keyCount}`,
        version: change,
      });
      if (change < warmUps) continue;
      waits.drops.push(dropMs);
      waits.sinceSent.push(sinceSentMs);
      waits.pings.push(pingMs);
    }
    return waits;
  } finally {
    await reader.stop();
  }
}
