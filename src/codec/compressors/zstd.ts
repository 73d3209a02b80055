import zlib from "node:zlib";
import type { Compressor } from "../../contracts/compressor.ts";
import { ValueTooLargeError } from "../../contracts/errors.ts";
import { after } from "../maybe-promise.ts";
import { type Done, nodeCompressor } from "./node-compressor.ts";
import { requireOptionalPackage } from "./optional-package.ts";
import { contentSizeOf } from "./zstd-frame.ts";

/** zstd in WebAssembly, for a Node that has none of its own. It works on the event loop. */
const zstdPackage = "@bokuweb/zstd-wasm";

const level = 3;

/** The part of `node:zlib` that Node has had since 22.15. */
interface NodeZstd {
  zstdCompressSync(bytes: Uint8Array, options: ZstdOptions): Buffer;
  zstdCompress(bytes: Uint8Array, options: ZstdOptions, done: Done): void;
  zstdDecompressSync(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer;
  zstdDecompress(bytes: Uint8Array, options: { maxOutputLength: number }, done: Done): void;
}

interface ZstdOptions {
  readonly pledgedSrcSize: number;
}

/** The part of the optional package that we call. */
interface WasmZstd {
  init(): Promise<void>;
  compress(bytes: Uint8Array, level: number): Uint8Array;
  decompress(bytes: Uint8Array): Uint8Array;
}

/**
 * Zstandard: Node's own where it has one, else the optional package. Every frame announces the size
 * of its content, so either reads what the other wrote.
 */
export function loadZstd(): Compressor {
  const unchecked = hasZstd(zlib) ? nodeZstd(zlib) : wasmZstd();
  return {
    name: "zstd",
    compress: (bytes) => unchecked.compress(bytes),
    decompress: (bytes, maxBytes) => decompressChecked(unchecked, bytes, maxBytes),
  };
}

/** Neither implementation can be trusted here: Node's accepts a frame that is cut short. */
function decompressChecked(
  zstd: Compressor,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  const sizeBytes = contentSizeOf(bytes);
  if (sizeBytes > maxBytes) throw new ValueTooLargeError(maxBytes, sizeBytes);
  return after(zstd.decompress(bytes, maxBytes), (content) => {
    if (content.length !== sizeBytes) throw new Error("not the size that its frame announces");
    return content;
  });
}

function hasZstd(library: object): library is NodeZstd {
  return "zstdCompressSync" in library;
}

function nodeZstd(zstd: NodeZstd): Compressor {
  return nodeCompressor({
    name: "zstd",
    compressSync: (bytes) => zstd.zstdCompressSync(bytes, optionsFor(bytes)),
    compress: (bytes, done) => zstd.zstdCompress(bytes, optionsFor(bytes), done),
    decompressSync: (bytes, maxOutputLength) => zstd.zstdDecompressSync(bytes, { maxOutputLength }),
    decompress: (bytes, maxOutputLength, done) =>
      zstd.zstdDecompress(bytes, { maxOutputLength }, done),
  });
}

function optionsFor(bytes: Uint8Array): ZstdOptions {
  return { pledgedSrcSize: bytes.length };
}

function wasmZstd(): Compressor {
  // The cast: a package loaded at run time has no types of ours.
  const zstd = requireOptionalPackage(zstdPackage) as WasmZstd;
  let started: Promise<void> | undefined;
  let isReady = false;

  const start = async (): Promise<void> => {
    await zstd.init();
    isReady = true;
  };
  const whenReady = (work: () => Uint8Array): Uint8Array | Promise<Uint8Array> => {
    if (isReady) return work();
    started ??= start();
    return started.then(work);
  };
  return {
    name: "zstd",
    compress: (bytes) => whenReady(() => zstd.compress(bytes, level)),
    decompress: (bytes) => whenReady(() => zstd.decompress(bytes)),
  };
}
