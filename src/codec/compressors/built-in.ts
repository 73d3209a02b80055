import type { Compressor } from "../../contracts/compressor.ts";
import type { CompressorName } from "../../contracts/options.ts";
import { brotliCompressor } from "./brotli.ts";
import { gzipCompressor } from "./gzip.ts";
import { loadLz4 } from "./lz4.ts";
import { loadLzma } from "./lzma.ts";
import { zlibCompressor } from "./zlib.ts";
import { loadZstd } from "./zstd.ts";

/** A compressor that comes with the library. */
export interface BuiltInCompressor {
  readonly name: string;
  /** What stands for it in the header. */
  readonly id: number;
  /** Returns it, or throws a `MissingPackageError`. */
  load(): Compressor;
}

const builtInByName: Readonly<Record<Exclude<CompressorName, "none">, BuiltInCompressor>> = {
  zlib: { name: "zlib", id: 1, load: () => zlibCompressor },
  gzip: { name: "gzip", id: 2, load: () => gzipCompressor },
  brotli: { name: "brotli", id: 3, load: () => brotliCompressor },
  zstd: { name: "zstd", id: 4, load: once(loadZstd) },
  lz4: { name: "lz4", id: 5, load: once(loadLz4) },
  lzma: { name: "lzma", id: 6, load: once(loadLzma) },
};

/** The names of all of them. */
export const builtInCompressorNames: readonly string[] = Object.keys(builtInByName);

/** Returns the compressor of that name, if there is one. */
export function builtInCompressorNamed(name: string): BuiltInCompressor | undefined {
  return Object.values(builtInByName).find((compressor) => compressor.name === name);
}

/** Returns the compressor that the header means by `id`, if there is one. */
export function builtInCompressorWithId(id: number): BuiltInCompressor | undefined {
  return Object.values(builtInByName).find((compressor) => compressor.id === id);
}

/** Remembers what `load` returned. A failure is not remembered: the package may be installed yet. */
function once(load: () => Compressor): () => Compressor {
  let loaded: Compressor | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
