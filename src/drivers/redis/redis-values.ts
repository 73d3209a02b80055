import type { Encoded } from "../../contracts/serializer.ts";
import type { RedisArgument } from "./redis-commands.ts";

/** Returns a value as a command's argument; no byte is copied. */
export function toArgument(value: Encoded): RedisArgument {
  if (typeof value === "string" || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
