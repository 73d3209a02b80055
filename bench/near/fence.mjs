/**
 * A fence between changes and reads: a key that the near cache holds. The other client changes it last,
 * and the reader awaits that change; the near cache then knows of all changes before it.
 */

/** @import { RespLimit } from "../support/resp-limit.mjs" */
/** @import { NearReader } from "./readers.mjs" */

/** @typedef {{ cache: NearReader, other: RespLimit }} Place a reader, and the client that changes its keys */

const storedPrefix = ":1:";
const fenceKey = "fence";
const withinMs = 20_000;
let fences = 0;

/**
 * Has the near cache hold the fence: an answer from the server would prove nothing.
 *
 * @param {Place} place
 */
export async function holdFence({ cache, other }) {
  await write(other, fenceKey, fences);
  await until(async () => (await cache.get(fenceKey)) === fences && isHeld(cache, fenceKey));
}

/**
 * Changes the fence, and waits until the near cache knows.
 *
 * @param {Place} place
 */
export async function passFence({ cache, other }) {
  fences += 1;
  await write(other, fenceKey, fences);
  await until(async () => (await cache.get(fenceKey)) === fences);
}

/**
 * Reads a key. Returns whether the near cache answered.
 *
 * @param {NearReader} cache
 * @param {string} key
 */
export async function isHeld(cache, key) {
  const before = cache.hits();
  await cache.get(key);
  return cache.hits() > before;
}

/**
 * Writes as the other client.
 *
 * @param {RespLimit} other
 * @param {string} key
 * @param {number} version
 */
export function write(other, key, version) {
  return other.send(["SET", `${storedPrefix}${key}`, `${version}`]);
}

/**
 * Checks without a pause until the condition holds. A check that rejects, since its connection is lost,
 * counts as not yet.
 *
 * @param {() => boolean | Promise<boolean>} condition
 */
export async function until(condition) {
  const endAt = performance.now() + withinMs;
  while (performance.now() < endAt) {
    if (await attempt(condition)) return;
    await new Promise(setImmediate);
  }
  throw new Error(`The near cache did not reach the expected state within ${withinMs} ms.`);
}

/** @param {() => boolean | Promise<boolean>} condition */
async function attempt(condition) {
  try {
    return await condition();
  } catch {
    return false;
  }
}
