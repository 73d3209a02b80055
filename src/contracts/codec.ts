import type { Encoded } from "./serializer.ts";

/** Turns single values into the form that a store keeps, and back, as the cache's options say. */
export interface Codec {
  encode(value: unknown): Encoded | Promise<Encoded>;
  decode(stored: Encoded): unknown;
}
