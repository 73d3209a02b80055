import { BasicClientSideCache, createClient } from "@redis/client";
import { ttlMs } from "../support/values.mjs";

const expiration = { type: "PX", value: ttlMs };

/** As it comes: each command has a timeout of 5 s, which counts until it is written. */
export function openDefault(url) {
  return openWith({ url });
}

/** Without that timeout, which costs more than the rest of a command. */
export function openTuned(url) {
  return openWith({ url, commandOptions: { timeout: undefined } });
}

/** Tuned, with its own in-process tier. */
export function openNear(url) {
  const clientSideCache = new BasicClientSideCache();
  return openWith({ url, RESP: 3, clientSideCache, commandOptions: { timeout: undefined } });
}

async function openWith(options) {
  const client = await createClient(options)
    .on("error", () => {})
    .connect();
  return {
    get: async (key) => parse(await client.get(key)),
    set: (key, value) => client.set(key, JSON.stringify(value), { expiration }),
    getMany: async (keys) => (await client.mGet(keys)).map(parse),
    setMany: (entries) => Promise.all(entries.map(([key, value]) => send(client, key, value))),
    incr: (key) => client.incr(key),
  };
}

/** Its cheapest way: what is sent within a tick leaves as one pipeline. */
function send(client, key, value) {
  return client.sendCommand(["SET", key, JSON.stringify(value), "PX", `${ttlMs}`]);
}

function parse(text) {
  return text === null ? undefined : JSON.parse(text);
}
