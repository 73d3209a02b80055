import { startWorker } from "../faults/worker-process.mjs";
import { appCore, otherCore, pin } from "../sessions/cores.mjs";

const keyCount = 100;
/** Every key has to be there before it can be held. */
const warmUps = keyCount;

/**
 * Returns the milliseconds from the reply to a write until a reader in another process had dropped the
 * value, for so many changes, and those that a PING of that process took between them.
 */
export async function measureInvalidation(server, { changes }) {
  const [reader, writer] = ["reader.mjs", "writer.mjs"].map((file) =>
    startWorker(new URL(file, import.meta.url)),
  );
  pin(server.pid, otherCore);
  pin(reader.pid, appCore);
  pin(writer.pid, otherCore);
  try {
    for (const worker of [reader, writer]) await worker.ask("open", { url: server.url() });
    const waits = { drops: [], pings: [] };
    for (let change = 0; change < warmUps + changes; change += 1) {
      const { dropMs, pingMs } = await measureOne({ reader, writer }, change);
      if (change < warmUps) continue;
      waits.drops.push(dropMs);
      waits.pings.push(pingMs);
    }
    return waits;
  } finally {
    for (const worker of [reader, writer]) await worker.stop();
  }
}

/** A value may be dropped before the writer has its reply: that counts as at once. */
async function measureOne({ reader, writer }, change) {
  const key = `changing:${change % keyCount}`;
  const storedKey = `:1:${key}`;
  if (change < warmUps) await writer.ask("write", { key: storedKey, text: "0" });
  const pingMs = await reader.ask("hold", { key });
  const repliedAtMs = await writer.ask("write", { key: storedKey, text: `${change}` });
  const droppedAtMs = await reader.ask("untilDropped");
  return { dropMs: Math.max(0, droppedAtMs - repliedAtMs), pingMs };
}
