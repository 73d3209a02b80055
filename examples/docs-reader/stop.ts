import { once } from "node:events";
import type { Server } from "node:http";
import type { Cache } from "cachewell";

const graceMs = 500;
const lookForParentEveryMs = 500;

/** Closes server and cache on Ctrl-C and SIGTERM. Nothing is left to do then, and the process ends. */
export function stopOnSignals(server: Server, cache: Cache): void {
  let stopped: Promise<void> | undefined;
  // On Ctrl-C under npm the signal comes twice, from the terminal and from npm.
  const stop = (): void => void (stopped ??= close(server, cache));
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  if (process.env["npm_lifecycle_event"] !== undefined) stopWithParent(stop);
}

/** npm runs us in a shell that passes no signal on: when that is gone, npm was stopped. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, lookForParentEveryMs);
  timer.unref();
}

async function close(server: Server, cache: Cache): Promise<void> {
  await closeServer(server);
  await cache.close();
}

/** Lets the requests under way end, for half a second. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const insist = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(insist);
}
