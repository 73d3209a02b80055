/** The client, in a process of its own, that changes what another holds. */
import { setTimeout as wait } from "node:timers/promises";
import { serve } from "../faults/serve.mjs";
import { nowMs } from "../support/clock.mjs";
import { RespLimit } from "../support/resp-limit.mjs";

/** Telling the parent at once would wake it, on one of few cores, just when the reader is told. */
const quietMs = 3;
let client;

serve({
  async open({ url }) {
    client = await RespLimit.connect(url);
  },
  /** Returns when the write was answered. */
  async write({ key, text }) {
    await client.send(["SET", key, text]);
    const repliedAtMs = nowMs();
    await wait(quietMs);
    return repliedAtMs;
  },
});
