/** Many clients of one contender, each on a connection of its own, in one process. */
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../support/clock.mjs";
import { contenders } from "./contenders.mjs";
import { serve } from "./serve.mjs";

const openedAtOnce = 25;
const clients = [];

serve({
  async open({ contender, url, count }) {
    for (let nth = 0; nth < count; nth += openedAtOnce) {
      const some = Array.from({ length: Math.min(openedAtOnce, count - nth) }, (_none, index) =>
        openClient(contenders[contender], url, nth + index),
      );
      clients.push(...(await Promise.all(some)));
    }
  },
  /** Each client makes a call every so often, by turns, and awaits nothing. */
  startCalls({ everyMs }) {
    clients.forEach((client, nth) => {
      setTimeout(() => setInterval(() => call(client), everyMs), (nth * everyMs) / clients.length);
    });
  },
  forgetAnswers() {
    for (const client of clients) client.answeredAtMs = undefined;
  },
  /** Returns when each client had its first answer since they were forgotten; those without are left out. */
  async untilAllAnswered({ withinMs }) {
    const untilMs = nowMs() + withinMs;
    while (clients.some(isUnanswered) && nowMs() < untilMs) await wait(5);
    return clients.filter((client) => !isUnanswered(client)).map((client) => client.answeredAtMs);
  },
});

async function openClient({ open }, url, nth) {
  const peer = await open(url, nth);
  await peer.ping();
  return { peer, answeredAtMs: undefined };
}

function call(client) {
  client.peer.get("session").then(
    () => {
      client.answeredAtMs ??= nowMs();
    },
    () => {},
  );
}

function isUnanswered(client) {
  return client.answeredAtMs === undefined;
}
