/** One byte that a pattern asks for, or a run of any bytes, none among them. */
type Step = ByteTest | typeof anyRun;
type ByteTest = (byte: number) => boolean;

interface Parsed {
  readonly step: Step;
  /** Where the next step begins. */
  readonly next: number;
}

const anyRun = "any-run";
const anyByte: ByteTest = () => true;

const utf8 = new TextEncoder();
const specials = /[*?[\]\\]/g;
const [star, question, opening, closing, backslash, caret, dash] = utf8.encode("*?[]\\^-");

/** Returns a Redis glob that matches `text` and nothing else. */
export function escapeGlob(text: string): string {
  return text.replace(specials, "\\$&");
}

/**
 * Returns a test for Redis' glob patterns, which answers as `SCAN … MATCH` does.
 *
 * Redis matches bytes, and so does this: text counts as UTF-8, `?` is one byte of it and a class
 * is a set of bytes. Redis' own oddities are kept: a class needs no `]` at the end, `[a-]` is a
 * range up to `]`, a range from ASCII to beyond it compares signed bytes (as on x86), and only `*`
 * alone matches the empty text. The one difference: Redis refuses more than 1,000 stars.
 *
 * Cost: linear in the text for patterns of common shape, pattern × text at worst.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (pattern === "*") return () => true;
  const steps = parseSteps(utf8.encode(pattern));
  return (text) => (text === "" ? pattern === "" : isMatch(steps, utf8.encode(text)));
}

function parseSteps(pattern: Uint8Array): readonly Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < pattern.length) {
    const { step, next } = parseStep(pattern, at);
    steps.push(step);
    at = next;
  }
  return steps;
}

function parseStep(pattern: Uint8Array, at: number): Parsed {
  const hasMore = at + 1 < pattern.length;
  if (pattern[at] === star) return { step: anyRun, next: at + 1 };
  if (pattern[at] === question) return { step: anyByte, next: at + 1 };
  if (pattern[at] === opening) return parseClass(pattern, at + 1);
  if (pattern[at] === backslash && hasMore) return { step: exactly(pattern[at + 1]), next: at + 2 };
  return { step: exactly(pattern[at]), next: at + 1 };
}

function exactly(expected: number | undefined): ByteTest {
  return (byte) => byte === expected;
}

function parseClass(pattern: Uint8Array, start: number): Parsed {
  const isNegated = pattern[start] === caret;
  const members = new Set<number>();
  let at = isNegated ? start + 1 : start;
  while (at < pattern.length && pattern[at] !== closing) {
    at += addMembers(members, pattern.subarray(at, at + 3));
  }
  return { step: (byte) => members.has(byte) !== isNegated, next: at + 1 };
}

/** Adds what the first of `bytes` stands for. Returns how many of them that took. */
function addMembers(members: Set<number>, [first = 0, second, third]: Uint8Array): number {
  if (first === backslash && second !== undefined) {
    members.add(second);
    return 2;
  }
  if (second === dash && third !== undefined) {
    addRange(members, signed(first), signed(third));
    return 3;
  }
  members.add(first);
  return 1;
}

function addRange(members: Set<number>, one: number, other: number): void {
  const last = Math.max(one, other);
  for (let value = Math.min(one, other); value <= last; value++) members.add(value & 0xff);
}

/** Redis compares the ends of a range as C's `char`, which is signed on x86. */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/**
 * Walks both at once. On a mismatch the latest run takes one byte more: no earlier run ever has to
 * be tried again, since whatever a longer one could reach, the latest reaches too.
 */
function isMatch(steps: readonly Step[], bytes: Uint8Array): boolean {
  let at = 0;
  let retryAt = -1;
  let runEnd = 0;
  for (let position = 0; position < bytes.length; ) {
    const step = steps[at];
    if (step === anyRun) {
      at += 1;
      retryAt = at;
      runEnd = position;
      if (at === steps.length) return true;
    } else if (step?.(bytes[position] ?? 0)) {
      at += 1;
      position += 1;
    } else if (retryAt === -1) {
      return false;
    } else {
      at = retryAt;
      runEnd += 1;
      position = runEnd;
    }
  }
  return steps.slice(at).every((step) => step === anyRun);
}
