import { requireWhole } from "../checks/require.ts";

/**
 * What a {@link FaultProxy} does to connections.
 *
 * A "chunk" is a piece of the reply stream as it arrived from the server: one reply, several, or a
 * part of a long one.
 */
export type Fault =
  /** Everything passes unchanged. */
  | { readonly kind: "pass" }
  /** Delays each chunk by `ms` milliseconds, plus a random time up to `jitterMs`. Keeps the order. */
  | { readonly kind: "latency"; readonly ms: number; readonly jitterMs?: number }
  /** Drops everything in both directions, silently. New connections are accepted and stay silent. */
  | { readonly kind: "blackhole" }
  /** Requests reach the server, which executes them; the proxy drops the replies. */
  | { readonly kind: "half-open" }
  /** Resets new connections at once. Existing ones continue. */
  | { readonly kind: "refuse" }
  /** Replaces the next chunk with a reset (RST) of its connection: the command was executed, its reply is lost. */
  | { readonly kind: "reset" }
  /**
   * Closes each connection (FIN) after `afterBytes` bytes of replies, counted from the injection.
   * With 0 the next chunk closes it instead of passing.
   */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Replaces the next chunk on each connection with `bytes`, once. The default is a line that is no valid RESP. */
  | { readonly kind: "garbage"; readonly bytes?: Uint8Array }
  /** Forwards replies slowly: `bytes` bytes every `everyMs` milliseconds. */
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number };

/** A chunk of the reply stream, or the rest of one. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** When it arrived, by `performance.now()`. */
  readonly arrivedMs: number;
  /** Its share of the jitter, between 0 and 1, drawn at arrival. */
  readonly chance: number;
}

/** What happens to the oldest chunk in the queue. */
export type Verdict =
  | { readonly act: "pass"; readonly count: number; readonly thenClose?: boolean }
  | { readonly act: "hold"; readonly ms: number }
  | { readonly act: "replace"; readonly bytes: Uint8Array }
  | { readonly act: "vanish" }
  | { readonly act: "reset" };

/** Decides about the oldest chunk of one connection. Called again after each verdict. */
export type ReplyRule = (chunk: Chunk, nowMs: number) => Verdict;

/** Invalid RESP: no reply begins with a question mark. */
const junk = Buffer.from("?? this is not RESP ??\r\n");

/** The numbers of each kind of fault, with their minimum. */
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

/** Returns the fault. @throws TypeError that names an unknown kind or an invalid field */
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

/** Returns a rule for the replies of one connection. The rule may keep state, such as a byte count. */
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
