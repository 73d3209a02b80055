/** The client, in a process of its own, that changes what another holds. */
import { serve } from "../faults/serve.mjs";
import { nowMs } from "../support/clock.mjs";
import { RespLimit } from "../support/resp-limit.mjs";

let client;

serve({
  async open({ url }) {
    client = await RespLimit.connect(url);
  },
  /** Returns when the write was answered. */
  async write({ key, text }) {
    await client.send(["SET", key, text]);
    return nowMs();
  },
});
