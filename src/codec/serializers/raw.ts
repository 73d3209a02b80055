import { EncodeError } from "../../contracts/errors.ts";
import type { Encoded } from "../../contracts/serializer.ts";

/** Returns text as it is, and a copy of bytes. Nothing else is stored raw, numbers neither. */
export function toRaw(value: unknown): Encoded {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new EncodeError("$", "neither text nor a Uint8Array, which is all that is stored raw");
}

/** Returns a copy of the stored bytes. */
export function fromRaw(stored: Encoded): Buffer {
  return Buffer.from(stored);
}
