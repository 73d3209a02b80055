import type { Compressor } from "../contracts/compressor.ts";
import { DecodeError, EncodeError, ValueTooLargeError } from "../contracts/errors.ts";
import type { Encoded } from "../contracts/serializer.ts";
import { builtInCompressorWithId } from "./compressors/built-in.ts";
import { MissingPackageError } from "./compressors/optional-package.ts";
import { type Label, storedBytes, textLabel, wrap, writtenByNewer } from "./envelope.ts";
import { after, explaining, type MaybePromise } from "./maybe-promise.ts";
import type { Serialized } from "./serializers/serialized.ts";

/** What new values are compressed with. */
export interface Compression {
  readonly compressor: Compressor;
  readonly label: Label;
  /** Smaller stored forms are left as they are. */
  readonly minBytes: number;
}

/** A stored form that is not compressed, and what it was made of. */
export interface Uncompressed {
  readonly stored: Encoded;
  readonly serialized: Serialized;
}

/** Returns the compressed stored form, or the given one where that is smaller. */
export function compress(
  { stored, serialized }: Uncompressed,
  { compressor, label, minBytes }: Compression,
): MaybePromise<Encoded> {
  if (storedBytes(stored) < minBytes) return stored;
  const { serializer, body } = bodyOf(stored, serialized);
  return after(runCompress(compressor, body), (compressed) => {
    const smaller = wrap({ serializer, compressor: label, body: compressed });
    return smaller.length < storedBytes(stored) ? smaller : stored;
  });
}

/** Returns what `compressor` made `body` of, never more than `maxBytes`. */
export function decompress(
  compressor: Compressor,
  body: Uint8Array,
  maxBytes: number,
): MaybePromise<Uint8Array> {
  const result = explaining<unknown>(
    () => settled(compressor.decompress(body, maxBytes)),
    (cause) =>
      cause instanceof ValueTooLargeError
        ? cause
        : new DecodeError(`its ${JSON.stringify(compressor.name)} compression is damaged`, {
            cause,
          }),
  );
  return after(result, (content) => {
    if (!(content instanceof Uint8Array)) throw noBytes(compressor);
    if (content.length > maxBytes) throw new ValueTooLargeError(maxBytes, content.length);
    return content;
  });
}

/** Returns the compressor that wrote a value: the reader's own, or one of the library's. */
export function requireCompressor(written: Label, own: Compression | undefined): Compressor {
  if (written.name !== undefined) return requireNamed(written.name, own);
  const builtIn = builtInCompressorWithId(written.id);
  if (!builtIn) throw writtenByNewer();
  try {
    return builtIn.load();
  } catch (cause) {
    if (!(cause instanceof MissingPackageError)) throw cause;
    throw new DecodeError(`it is compressed with ${builtIn.name}, but ${cause.message}`, { cause });
  }
}

function requireNamed(name: string, own: Compression | undefined): Compressor {
  if (own && own.label.name === name) return own.compressor;
  throw new DecodeError(`it was compressed with ${JSON.stringify(name)}, which this cache has not`);
}

/** The body as memory of its own: compressing may take a while, and a serializer reuses its memory. */
function bodyOf(
  stored: Encoded,
  serialized: Serialized,
): { readonly serializer: Label; readonly body: Uint8Array } {
  if (typeof stored === "string" || typeof serialized === "string") {
    return { serializer: textLabel, body: Buffer.from(stored) };
  }
  const headerBytes = stored.length - serialized.body.length;
  return { serializer: serialized.serializer, body: stored.subarray(headerBytes) };
}

function runCompress(compressor: Compressor, body: Uint8Array): MaybePromise<Uint8Array> {
  const name = JSON.stringify(compressor.name);
  const result = explaining<unknown>(
    () => settled(compressor.compress(body)),
    (cause) => new EncodeError("$", `more than the compressor ${name} could do`, { cause }),
  );
  return after(result, (compressed) => {
    if (compressed instanceof Uint8Array) return compressed;
    throw new EncodeError("$", `a value that the compressor ${name} did not turn into bytes`);
  });
}

function noBytes({ name }: Compressor): DecodeError {
  return new DecodeError(`the compressor ${JSON.stringify(name)} did not turn it into bytes`);
}

/** A user's compressor may return any thenable; from here on it is a promise. */
function settled(result: Uint8Array | PromiseLike<Uint8Array>): MaybePromise<unknown> {
  return result instanceof Uint8Array ? result : Promise.resolve(result);
}
