import { afterEach, describe, expect, test, vi } from "vitest";
import { LockTimeoutError } from "../../contracts/errors.ts";
import { createCache } from "../../create-cache.ts";
import { ManualClock } from "../../testing/manual-clock.ts";

// What locks promise is in `test/contracts/cache-rules/locks.ts`; here is what needs time to be forged.
describe("locks", () => {
  const long = { ttl: "1d", retryDelay: "1ms" } as const;

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** From now on each look at the monotonic clock is so much later than the one before. */
  function hurry(stepMs: number): void {
    const look = performance.now.bind(performance);
    let aheadMs = 0;
    vi.spyOn(performance, "now").mockImplementation(() => look() + (aheadMs += stepMs));
  }

  function openCache(): ReturnType<typeof createCache> {
    return createCache({ clock: new ManualClock() });
  }

  test("who says nothing waits ten seconds", async () => {
    const cache = openCache();
    await cache.lock("door", long);
    hurry(2_000);
    const refusal = cache.lock("door", long);
    await expect(refusal).rejects.toThrow(LockTimeoutError);
    await expect(refusal).rejects.toMatchObject({ waitMs: 10_000 });
  });

  test("who waits null waits for ever", async () => {
    const cache = openCache();
    const first = await cache.lock("door", long);
    hurry(60_000);
    const outcome = cache.lock("door", { ...long, wait: null }).then(
      () => "had",
      () => "gave up",
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.release();
    expect(await outcome).toBe("had");
  });

  test("a lock that was answered later than it lives is not handed out", async () => {
    const cache = openCache();
    hurry(1_000);
    const refusal = cache.lock("door", { ttl: "500ms", wait: 0 });
    await expect(refusal).rejects.toThrow(LockTimeoutError);
    vi.restoreAllMocks();
    expect((await cache.lock("door", { ...long, wait: 0 })).isHeld()).toBe(true);
  });
});
