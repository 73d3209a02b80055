import { DecodeError, EncodeError } from "../../contracts/errors.ts";
import type { Serializer } from "../../contracts/serializer.ts";
import { labelNamed } from "../envelope.ts";
import type { Serialize } from "./serialized.ts";

/** Returns the writing half of a serializer of the user's. */
export function toCustom(serializer: Serializer): Serialize {
  const label = labelNamed(serializer.name);
  return (value) => ({ serializer: label, body: encodeBytes(serializer, value) });
}

/** Returns what a serializer of the user's reads in `body`. */
export function fromCustom(serializer: Serializer, body: Uint8Array): unknown {
  try {
    return serializer.decode(body);
  } catch (cause) {
    throw new DecodeError(`the serializer ${quote(serializer)} threw an error`, { cause });
  }
}

function encodeBytes(serializer: Serializer, value: unknown): Uint8Array {
  const encoded = callEncode(serializer, value);
  if (typeof encoded === "string") return Buffer.from(encoded);
  if (encoded instanceof Uint8Array) return encoded;
  const reason = `a value that the serializer ${quote(serializer)} turned into neither text nor bytes`;
  throw new EncodeError("$", reason);
}

function callEncode(serializer: Serializer, value: unknown): unknown {
  try {
    return serializer.encode(value);
  } catch (cause) {
    throw new EncodeError("$", `refused by the serializer ${quote(serializer)}`, { cause });
  }
}

function quote({ name }: Serializer): string {
  return JSON.stringify(name);
}
