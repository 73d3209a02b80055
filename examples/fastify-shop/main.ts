/** A small shop on Fastify, to see sessions at work. */
import { createCache } from "cachewell";
import { createShop } from "./shop.ts";

const location = process.env["REDIS_URL"] || "memory:";
const cache = createCache({ location, keyPrefix: "fastify-shop" });
const shop = await createShop(cache);
shop.addHook("onClose", () => cache.close()); // once no request is under way

let closed: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void (closed ??= shop.close())); // under npm, Ctrl-C arrives twice
}

const port = Number(process.env["PORT"] || 3000);
console.log(`fastify-shop: ${await shop.listen({ host: "127.0.0.1", port })}`);
