import { SessionInterruptedError } from "../../contracts/errors.ts";
import type { SessionWriting } from "../../contracts/session-store.ts";

/**
 * Stores a session in which nothing changed: `touch` extends its life, unless the caller says not to.
 *
 * @throws SessionInterruptedError when it lives no more, unless the caller does not mind
 */
export async function keepUnchanged(
  { extend = true, unchangedFails = true, lifetimeMs }: SessionWriting,
  touch: () => Promise<boolean>,
): Promise<void> {
  const stays = !extend && lifetimeMs > 0;
  const lives = stays || (await touch());
  if (!lives && unchangedFails) throw new SessionInterruptedError();
}
