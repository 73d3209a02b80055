/** Another client, in a process of its own: it pings without a pause, and reports how long it waited. */
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "./clock.mjs";
import { RespLimit } from "./resp-limit.mjs";
import { serve } from "./serve.mjs";

/** @typedef {{ isOver: boolean, waitsMs: number[], done: Promise<void> }} Watch */

const everyMs = 2;
/** @type {RespLimit | undefined} */
let client;
/** @type {Watch | undefined} */
let watch;

export const commands = {
  /** @param {{ url: string }} place */
  async open({ url }) {
    client = await RespLimit.connect(url);
  },

  start() {
    if (!client) throw new Error("The pinger is not open.");
    const own = { isOver: false, waitsMs: [] };
    watch = Object.assign(own, { done: pingUntilOver(client, own) });
  },

  /** Returns the milliseconds that each ping waited. */
  async stop() {
    if (!watch) return [];
    watch.isOver = true;
    await watch.done;
    return watch.waitsMs;
  },
};

serve(commands);

/**
 * @param {RespLimit} pinging
 * @param {{ isOver: boolean, waitsMs: number[] }} own
 */
async function pingUntilOver(pinging, own) {
  while (!own.isOver) {
    const sentAt = nowMs();
    await pinging.send(["PING"]);
    own.waitsMs.push(nowMs() - sentAt);
    await wait(everyMs);
  }
}
