import { requireWhole } from "../kit/whole-number.ts";

/**
 * What a {@link FaultProxy} does to connections.
 *
 * A "chunk" is what came from the server in one piece: a reply, several of them, or a part of a
 * long one.
 */
export type Fault =
  /** None: everything passes as it is. */
  | { readonly kind: "pass" }
  /** Each chunk of a reply comes `ms` milliseconds later, and at random up to `jitterMs` more. Order is kept. */
  | { readonly kind: "latency"; readonly ms: number; readonly jitterMs?: number }
  /** Nothing passes either way, and nobody is told. New connections are accepted and stay silent. */
  | { readonly kind: "blackhole" }
  /** Requests reach the server, replies vanish: what was asked for is done, and nobody learns of it. */
  | { readonly kind: "half-open" }
  /** New connections are reset at once; those there are go on. */
  | { readonly kind: "refuse" }
  /** The next chunk of a reply resets its connection (RST) instead of passing: done, and then lost. */
  | { readonly kind: "reset" }
  /**
   * So many bytes of replies pass on each connection, counted from the injection on, and the last
   * of them closes it (FIN). With 0 the next chunk closes it instead of passing.
   */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** The next chunk on each connection is replaced by these bytes, once. By default a line that is no RESP. */
  | { readonly kind: "garbage"; readonly bytes?: Uint8Array }
  /** Replies trickle: so many bytes at a time, every so many milliseconds. */
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number };

/** Bytes of a reply that came in one piece, or what is left of them. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** When it came, by `performance.now()`. */
  readonly arrivedMs: number;
  /** Between 0 and 1, drawn when it came: the share of the jitter that falls to it. */
  readonly chance: number;
}

/** What becomes of the oldest chunk that waits. */
export type Verdict =
  | { readonly act: "pass"; readonly count: number; readonly thenClose?: boolean }
  | { readonly act: "hold"; readonly ms: number }
  | { readonly act: "replace"; readonly bytes: Uint8Array }
  | { readonly act: "vanish" }
  | { readonly act: "reset" };

/** Judges the oldest chunk that waits on one connection. Asked again after each verdict. */
export type ReplyRule = (chunk: Chunk, nowMs: number) => Verdict;

/** No reply of Redis begins with a question mark. */
const junk = Buffer.from("?? this is not RESP ??\r\n");

/** The numbers that a fault carries, each with the least that makes sense. */
const leastOf: { readonly [Kind in Fault["kind"]]: Readonly<Record<string, number>> } = {
  pass: {},
  latency: { ms: 0, jitterMs: 0 },
  blackhole: {},
  "half-open": {},
  refuse: {},
  reset: {},
  cut: { afterBytes: 0 },
  garbage: {},
  drip: { bytes: 1, everyMs: 0 },
};

/** Returns the fault. @throws TypeError that names what cannot be meant */
export function requireFault(fault: Fault): Fault {
  const { kind } = fault;
  if (!Object.hasOwn(leastOf, kind)) {
    const kinds = Object.keys(leastOf).join(", ");
    throw new TypeError(`kind must be one of ${kinds}, got ${kind}.`);
  }
  const given: Readonly<Record<string, unknown>> = { jitterMs: 0, ...fault };
  for (const [field, least] of Object.entries(leastOf[kind])) {
    requireWhole(`${field} of the fault "${kind}"`, given[field], least);
  }
  if (kind === "garbage" && !((fault.bytes ?? junk) instanceof Uint8Array)) {
    throw new TypeError(`bytes of the fault "garbage" must be a Uint8Array.`);
  }
  return fault;
}

/** Returns the rule of a fault for the replies of one connection, which may count and remember. */
export function replyRuleOf(fault: Fault): ReplyRule {
  switch (fault.kind) {
    case "pass":
    case "refuse":
      return passOn;
    case "blackhole":
    case "half-open":
      return () => ({ act: "vanish" });
    case "reset":
      return () => ({ act: "reset" });
    case "latency":
      return late(fault.ms, fault.jitterMs ?? 0);
    case "cut":
      return cutAfter(fault.afterBytes);
    case "garbage":
      return garbledOnce(fault.bytes ?? junk);
    case "drip":
      return trickling(fault.bytes, fault.everyMs);
  }
}

function passOn({ bytes }: Chunk): Verdict {
  return { act: "pass", count: bytes.length };
}

function late(ms: number, jitterMs: number): ReplyRule {
  return (chunk, nowMs) => {
    const leftMs = chunk.arrivedMs + ms + chunk.chance * jitterMs - nowMs;
    return leftMs > 0 ? { act: "hold", ms: leftMs } : passOn(chunk);
  };
}

function cutAfter(afterBytes: number): ReplyRule {
  let left = afterBytes;
  return ({ bytes }) => {
    const count = Math.min(left, bytes.length);
    left -= count;
    return { act: "pass", count, thenClose: left === 0 };
  };
}

function garbledOnce(bytes: Uint8Array): ReplyRule {
  let isDone = false;
  return (chunk) => {
    if (isDone) return passOn(chunk);
    isDone = true;
    return { act: "replace", bytes };
  };
}

function trickling(size: number, everyMs: number): ReplyRule {
  let nextAtMs = -Infinity;
  return ({ bytes }, nowMs) => {
    if (nowMs < nextAtMs) return { act: "hold", ms: nextAtMs - nowMs };
    nextAtMs = nowMs + everyMs;
    return { act: "pass", count: Math.min(size, bytes.length) };
  };
}
