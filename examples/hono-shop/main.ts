/** A small shop on Hono, to see sessions at work. */
import { once } from "node:events";
import { serve } from "@hono/node-server";
import { createCache } from "cachewell";
import { createShop } from "./shop.ts";

const hostname = "127.0.0.1";
const graceMs = 500;

const location = process.env["REDIS_URL"] || "memory:";
const cache = createCache({ location, keyPrefix: "hono-shop" });
const { fetch } = createShop(cache);
const wanted = Number(process.env["PORT"] || 3000);
const server = serve({ fetch, hostname, port: wanted }, ({ port }) => {
  console.log(`hono-shop: http://${hostname}:${port}`);
});

async function close(): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const insist = setTimeout(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
  }, graceMs);
  await closed;
  clearTimeout(insist);
  await cache.close(); // once no request is under way
}

let closed: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void (closed ??= close())); // under npm, Ctrl-C arrives twice
}
