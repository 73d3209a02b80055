/** Many clients of one contender, each on a connection of its own, in one process. */
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../support/clock.mjs";
import { serve } from "../support/serve.mjs";
import { contenders } from "./contenders.mjs";

/** @import { Contender, FaultPeer } from "./contenders.mjs" */

/** @typedef {{ peer: FaultPeer, answeredAtMs: number | undefined }} Client */

const openedAtOnce = 25;
/** @type {Client[]} */
const clients = [];

export const commands = {
  /** @param {{ contender: Contender, url: string, count: number }} fleet */
  async open({ contender, url, count }) {
    for (let nth = 0; nth < count; nth += openedAtOnce) {
      const some = Array.from({ length: Math.min(openedAtOnce, count - nth) }, (_none, index) =>
        openClient(contender, url, nth + index),
      );
      clients.push(...(await Promise.all(some)));
    }
  },

  /**
   * Each client makes a call every `everyMs`, spread evenly, and awaits no answer.
   *
   * @param {{ everyMs: number }} rate
   */
  startCalls({ everyMs }) {
    for (const [nth, client] of clients.entries())
      setTimeout(() => setInterval(() => call(client), everyMs), (nth * everyMs) / clients.length);
  },

  forgetAnswers() {
    for (const client of clients) client.answeredAtMs = undefined;
  },

  /**
   * Returns when each client got its first answer since `forgetAnswers`, without those that got no answer.
   *
   * @param {{ withinMs: number }} limit
   */
  async untilAllAnswered({ withinMs }) {
    const untilMs = nowMs() + withinMs;
    while (clients.some((client) => client.answeredAtMs === undefined) && nowMs() < untilMs)
      await wait(5);
    return clients.map((client) => client.answeredAtMs).filter((atMs) => atMs !== undefined);
  },
};

serve(commands);

/**
 * @param {Contender} contender
 * @param {string} url
 * @param {number} nth
 * @returns {Promise<Client>}
 */
async function openClient(contender, url, nth) {
  const peer = await contenders[contender].open(url, nth);
  await peer.ping();
  return { peer, answeredAtMs: undefined };
}

/** @param {Client} client */
function call(client) {
  client.peer.get("session").then(
    () => {
      client.answeredAtMs ??= nowMs();
    },
    () => {},
  );
}
