/** A small shop on Express, to see sessions at work. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createCache } from "cachewell";
import { createShop } from "./shop.ts";

const host = "127.0.0.1";
const graceMs = 500;

const location = process.env["REDIS_URL"] || "memory:";
const cache = createCache({ location, keyPrefix: "express-shop" });
const server = createShop(cache).listen(Number(process.env["PORT"] || 3000), host);
await once(server, "listening");
const { port } = server.address() as AddressInfo; // it listens by TCP
console.log(`express-shop: http://${host}:${port}`);

async function close(): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const insist = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(insist);
  await cache.close(); // once no request is under way
}

let closed: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void (closed ??= close())); // under npm, Ctrl-C arrives twice
}
