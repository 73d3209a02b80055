/** Another client, in a process of its own: it pings all the time, and tells how long it waited. */
import { setTimeout as wait } from "node:timers/promises";
import { serve } from "../faults/serve.mjs";
import { nowMs } from "./clock.mjs";
import { RespLimit } from "./resp-limit.mjs";

const everyMs = 2;
let client;
let watch;

serve({ open, start, stop });

async function open({ url }) {
  client = await RespLimit.connect(url);
}

function start() {
  watch = { isOver: false, waits: [] };
  watch.done = pingUntilOver(watch);
}

/** Returns the milliseconds that each ping waited. */
async function stop() {
  watch.isOver = true;
  await watch.done;
  return watch.waits;
}

async function pingUntilOver(own) {
  while (!own.isOver) {
    const askedAt = nowMs();
    await client.send(["PING"]);
    own.waits.push(nowMs() - askedAt);
    await wait(everyMs);
  }
}
