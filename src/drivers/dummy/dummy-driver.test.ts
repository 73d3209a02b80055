import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../contracts/errors.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { openDummy } from "./dummy-driver.ts";

describe("dummy driver", () => {
  const clock = new ManualClock();

  test("its locks are its own", async () => {
    const [one, other] = [openDummy({ clock }), openDummy({ clock })];
    await one.locker.acquire("door", "me", 1_000);
    expect(await other.locker.acquire("door", "you", 1_000)).toBeDefined();
  });

  test("there is no raw client", async () => {
    await expect(openDummy({ clock }).rawClient({ write: false })).rejects.toThrow(
      ConfigurationError,
    );
  });

  test("closing twice does nothing", async () => {
    const driver = openDummy({ clock });
    await driver.close();
    await expect(driver.close()).resolves.toBeUndefined();
  });
});
