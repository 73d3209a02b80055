import { setTimeout as wait } from "node:timers/promises";

const pollEveryMs = 5;

/** Resolves once `isSo` answers true. @throws Error naming `what` when it has not after `withinMs` */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 3_000,
): Promise<void> {
  const giveUpAtMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error(`Not within ${withinMs} ms: ${what}.`);
    await wait(pollEveryMs);
  }
}
