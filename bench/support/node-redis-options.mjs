/** @import { RedisClientOptions } from "@redis/client" */

/**
 * Turns off node-redis's timeout per command, which costs more than the rest of the command. Its type
 * knows numbers only; `undefined` overrides the default.
 */
export const withoutTimeout =
  /** @type {NonNullable<RedisClientOptions["commandOptions"]>} */
  (/** @type {unknown} */ ({ timeout: undefined }));
