import type { Label } from "../envelope.ts";

/** Bytes that need a header, and what made them. They are valid until the next value is serialized. */
export interface Framed {
  readonly serializer: Label;
  readonly body: Uint8Array;
}

/** A value made ready to be stored: text that needs no header, or bytes that do. */
export type Serialized = string | Framed;

/** Makes values storable, or throws an `EncodeError`. Integers do not come this far. */
export type Serialize = (value: unknown) => Serialized;
