import type { Logger } from "../../contracts/options.ts";

/** Logs, whatever the logger does: what is logged beside a call must not disturb the call. */
export function logTo(logger: Logger, message: string, ...details: readonly unknown[]): void {
  try {
    logger.error(`cachewell: ${message}`, ...details);
  } catch (failure) {
    process.emitWarning(`cachewell: the logger threw ${String(failure)}`);
  }
}
