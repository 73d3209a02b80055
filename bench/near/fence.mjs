/**
 * A fence between changes and reads: a key that the near cache holds is changed by the other client,
 * after everything else, and that change is awaited. What the server told before is known by then.
 */
const storedPrefix = ":1:";
const fenceKey = "fence";
const withinMs = 20_000;
let fences = 0;

/** Has the near cache hold the fence: an answer of the server's would prove nothing. */
export async function holdFence({ cache, other }) {
  await write({ other }, fenceKey, fences);
  await until(async () => (await cache.get(fenceKey)) === fences && isHeld(cache, fenceKey));
}

/** Changes the fence, and waits until the near cache knows. */
export async function passFence({ cache, other }) {
  fences += 1;
  await write({ other }, fenceKey, fences);
  await until(async () => (await cache.get(fenceKey)) === fences);
}

/** Reads a key. Returns whether the near cache answered. */
export async function isHeld(cache, key) {
  const { hits } = cache.stats().near;
  await cache.get(key);
  return cache.stats().near.hits > hits;
}

/** Writes as the other client. */
export function write({ other }, key, version) {
  return other.send(["SET", `${storedPrefix}${key}`, `${version}`]);
}

/** Looks all the time until it is so. What fails, since its connection is gone, is not so yet. */
export async function until(isSo) {
  const endAt = performance.now() + withinMs;
  while (performance.now() < endAt) {
    if (await attempt(isSo)) return;
    await new Promise(setImmediate);
  }
  throw new Error(`The near cache did not come to what was waited for within ${withinMs} ms.`);
}

async function attempt(isSo) {
  try {
    return await isSo();
  } catch {
    return false;
  }
}
