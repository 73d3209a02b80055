import { createRequire } from "node:module";
import type * as Msgpackr from "msgpackr";
import { DecodeError, EncodeError } from "../../contracts/errors.ts";
import { asBuffer } from "../bytes.ts";
import { msgpackLabel, taggedMsgpackLabel } from "../envelope.ts";
import { fromPackable } from "./from-packable.ts";
import type { Framed } from "./serialized.ts";
import { toPackable } from "./to-packable.ts";

/** msgpackr's `RESET_BUFFER_MODE`: the next value is packed over this one. */
const reuseMemory = 1024;

/** msgpackr keeps the memory of the largest value it ever packed; beyond this it is taken away. */
const mostMemoryKept = 1024 * 1024;
const initialMemory = 8192;

let packr: Msgpackr.Packr | undefined;

/** Returns the value as MessagePack, tagged where MessagePack alone would not give it back. */
export function toMsgpack(value: unknown): Framed {
  const { value: packable, hasTags } = toPackable(value);
  return { serializer: hasTags ? taggedMsgpackLabel : msgpackLabel, body: pack(packable) };
}

/** Returns the value that `toMsgpack` wrote without tags. Shares no memory with `body`. */
export function fromMsgpack(body: Uint8Array): unknown {
  return unpack(body);
}

/** Returns the value that `toMsgpack` wrote with tags. Shares no memory with `body`. */
export function fromTaggedMsgpack(body: Uint8Array): unknown {
  const packable = unpack(body);
  try {
    return fromPackable(packable);
  } catch (error) {
    throw error instanceof DecodeError ? error : damaged();
  }
}

function pack(packable: unknown): Uint8Array {
  packr ??= loadPackr();
  try {
    const body = packr.pack(packable, reuseMemory);
    if (body.length > mostMemoryKept) packr.useBuffer(Buffer.allocUnsafeSlow(initialMemory));
    return body;
  } catch (cause) {
    throw new EncodeError("$", "more than MessagePack can hold", { cause });
  }
}

function unpack(body: Uint8Array): unknown {
  packr ??= loadPackr();
  try {
    return packr.unpack(asBuffer(body));
  } catch {
    // No `cause`: msgpackr's messages quote the value, which may be private.
    throw damaged();
  }
}

/** Loads msgpackr on first use: it takes longer than the rest of this library together. */
function loadPackr(): Msgpackr.Packr {
  // The cast: `require` knows no types.
  const msgpackr = createRequire(import.meta.url)("msgpackr") as typeof Msgpackr;
  return new msgpackr.Packr({
    useRecords: true,
    mapsAsObjects: false,
    moreTypes: true,
    useBigIntExtension: true,
    copyBuffers: true,
    structuredClone: false,
    useToJSON: false,
  });
}

function damaged(): DecodeError {
  return new DecodeError("it is damaged: it is not the MessagePack that its header announces");
}
