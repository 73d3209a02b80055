import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { unlessAborted } from "./abort.ts";

const pending = new Promise<never>(() => {});

describe("unless aborted", () => {
  test("without a signal it is the work itself", () => {
    expect(unlessAborted(pending, undefined)).toBe(pending);
  });

  test("it settles as the work does", async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(5), signal)).toBe(5);
    await expect(unlessAborted(Promise.reject(new RangeError("x")), signal)).rejects.toThrow("x");
  });

  test("it rejects with the signal's reason, whatever that is", async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(pending, controller.signal);
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
  });

  test("a signal that was given before rejects at once", async () => {
    await expect(unlessAborted(pending, AbortSignal.abort("never mind"))).rejects.toBe(
      "never mind",
    );
  });

  test("work that fails after the signal troubles nobody", async () => {
    const { promise, reject } = withReject();
    const waiting = unlessAborted(promise, AbortSignal.abort("enough"));
    await expect(waiting).rejects.toBe("enough");
    reject(new Error("late"));
    await new Promise(setImmediate);
  });

  test("no listener is left on the signal", async () => {
    const { signal } = new AbortController();
    await unlessAborted(Promise.resolve(5), signal);
    await new Promise(setImmediate);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_resolve, rejects) => {
    reject = rejects;
  });
  return { promise, reject };
}
