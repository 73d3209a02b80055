import { toNumberText } from "../plain-text.ts";
import { toJson } from "./json.ts";
import { toMsgpack } from "./msgpack.ts";
import { looksPlain } from "./plain-json.ts";
import type { Serialized } from "./serialized.ts";

/** Returns the value as JSON text where that gives it back unchanged, as MessagePack otherwise. */
export function toJsonOrMsgpack(value: unknown): Serialized {
  if (typeof value === "number" && Number.isFinite(value)) return toNumberText(value);
  return looksPlain(value) ? stringify(value) : toMsgpack(value);
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return toJson(value); // throws an error that names the place
  }
}
