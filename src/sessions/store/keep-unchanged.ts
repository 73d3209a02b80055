import { SessionInterruptedError } from "../../contracts/errors.ts";
import type { SessionWriting } from "../../contracts/session-store.ts";

/**
 * Saves a session in which nothing changed: runs `touch`, which extends its life, unless `extend` is false.
 *
 * @throws SessionInterruptedError when the session no longer exists, unless `unchangedFails` is false
 */
export async function keepUnchanged(
  { extend = true, unchangedFails = true, lifetimeMs }: SessionWriting,
  touch: () => Promise<boolean>,
): Promise<void> {
  const stays = !extend && lifetimeMs > 0;
  const lives = stays || (await touch());
  if (!lives && unchangedFails) throw new SessionInterruptedError();
}
