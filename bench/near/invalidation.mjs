import { startWorker } from "../faults/worker-process.mjs";
import { appCore, otherCore, pin } from "../sessions/cores.mjs";

const keyCount = 100;
/** Every key has to be there before it can be held. */
const warmUps = keyCount;

/**
 * Returns the milliseconds from the reply to a write until the reader had dropped the value, and from when the
 * write was sent, for so many changes, and those that a PING took between them. Reader and writer are two connections of one process,
 * and the server is another: a third would take turns with one of them on two cores, and that would be measured.
 */
export async function measureInvalidation(server, { changes }) {
  const reader = startWorker(new URL("reader.mjs", import.meta.url));
  pin(server.pid, otherCore);
  pin(reader.pid, appCore);
  try {
    await reader.ask("open", { url: server.url() });
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
