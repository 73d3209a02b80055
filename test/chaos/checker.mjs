import { CacheError } from "cachewell";
import { Findings } from "./findings.mjs";
import { isValueOf } from "./values.mjs";

/**
 * A cache under test, and what the checker knows of it.
 *
 * @typedef {object} Subject
 * @property {string} name its name, and the prefix of its keys
 * @property {import("cachewell").Cache} cache the cache itself
 * @property {number} commandTimeoutMs its option, in ms
 * @property {number} connectTimeoutMs its option, in ms
 * @property {boolean} ignoresErrors its option
 * @property {boolean} hasConnected whether it ever had a connection
 */

/**
 * A call of a public operation, and what its documentation allows.
 *
 * @typedef {object} Call
 * @property {string} operation the method
 * @property {number} commands how many commands it may send, one after the other
 * @property {number} [moreMs] how long it may take beside them: its factory, or its wait for a lock
 * @property {readonly string[]} [mayFailWith] codes of errors, beside those of a store in trouble
 * @property {boolean} [alwaysRejects] rejects even where the cache ignores errors
 */

/** @typedef {{ readonly subject: Subject, readonly call: Call, readonly beganMs: number, readonly lateMs: number, readonly boundMs: number }} Ticket */

/** @typedef {{ readonly now: () => number, readonly lateMs: () => number }} Clock */

/** Allowed beside the lateness of the event loop: timers round up, and reading a reply takes time. */
const slackMs = 150;

/** How much longer than its `connectTimeout` the first call of all may take. */
const firstCallGraceMs = 100;

/** Within this time after a heal each cache has to succeed again. */
const recoveryMs = 2_000;

/** For this long after garbage a value may be damaged: its bytes may have been under way. */
const damageLastsMs = 2_000;

const storeTrouble = new Set(["STORE_UNAVAILABLE", "COMMAND_TIMEOUT", "OVERLOADED"]);

/** Judges each call by what the library promises: it ends, in time, as documented, with its own answer. */
export class Checker {
  findings = new Findings();
  calls = 0;
  settled = 0;
  succeeded = 0;
  valuesRead = 0;
  longestWaitMs = 0;
  longestBeyondMs = -Infinity;
  recoveriesJudged = 0;
  longestRecoveryMs = 0;
  /** @type {Map<string, number>} */
  errors = new Map();
  #clock;
  /** @type {Set<Ticket>} */
  #open = new Set();
  #damagedUntilMs = -Infinity;
  /** @type {{ atMs: number, lateMs: number, firstSuccess: Map<Subject, number> } | undefined} */
  #healing;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /** How many calls are under way. */
  get pending() {
    return this.#open.size;
  }

  /**
   * Makes a call and judges how it ends. Resolves with its answer, or with `undefined`.
   *
   * @template T
   * @param {Subject} subject
   * @param {Call} call
   * @param {() => Promise<T>} make
   * @param {(error: unknown) => void} [onFailure]
   * @returns {Promise<T | undefined>}
   */
  async watch(subject, call, make, onFailure) {
    const ticket = this.#began(subject, call);
    try {
      const answer = await make();
      this.#ended(ticket, "an answer");
      this.#succeeded(subject, answer);
      return answer;
    } catch (error) {
      const amidDamage = ticket.beganMs < this.#damagedUntilMs;
      this.#ended(ticket, describe(error));
      this.#judgeError(ticket, error, amidDamage);
      onFailure?.(error);
      return undefined;
    }
  }

  /**
   * Judges a value that a call read: it must belong to its key.
   *
   * @param {Subject} subject
   * @param {string} key
   * @param {unknown} value
   */
  read(subject, key, value) {
    if (value === undefined) return;
    this.valuesRead += 1;
    if (isValueOf(subject.name, key, value)) return;
    const text = JSON.stringify(value)?.slice(0, 100);
    this.findings.add("a reply reached another caller", `${subject.name} ${key} read ${text}`);
  }

  /**
   * Judges the shape of an answer that carries no owner.
   *
   * @param {Subject} subject
   * @param {string} operation
   * @param {boolean} isRight
   * @param {unknown} answer
   */
  shape(subject, operation, isRight, answer) {
    if (isRight) return;
    const text = `${subject.name}.${operation} answered ${String(answer)}`;
    this.findings.add("an answer has the wrong shape", text);
  }

  /** The proxy injects garbage from now on, until `healed` or a later call with false. @param {boolean} isInForce */
  garbage(isInForce) {
    if (isInForce) this.#damagedUntilMs = Infinity;
    else if (this.#damagedUntilMs === Infinity) {
      this.#damagedUntilMs = this.#clock.now() + damageLastsMs;
    }
  }

  /** All is well from now on: every cache has to recover. */
  healed() {
    this.garbage(false);
    const { now, lateMs } = this.#clock;
    this.#healing = { atMs: now(), lateMs: lateMs(), firstSuccess: new Map() };
  }

  /**
   * The healthy stretch is over: where it was long enough, every cache must have recovered in it.
   *
   * @param {readonly Subject[]} subjects
   */
  disturbed(subjects) {
    const healing = this.#healing;
    this.#healing = undefined;
    if (!healing) return;
    const allowedMs = recoveryMs + this.#clock.lateMs() - healing.lateMs;
    const lastedMs = this.#clock.now() - healing.atMs;
    for (const subject of subjects) {
      const tookMs = healing.firstSuccess.get(subject) ?? Infinity;
      if (tookMs !== Infinity) this.longestRecoveryMs = Math.max(this.longestRecoveryMs, tookMs);
      if (lastedMs <= allowedMs) continue;
      this.recoveriesJudged += 1;
      if (tookMs <= allowedMs) continue;
      const took = tookMs === Infinity ? `not in ${ms(lastedMs)}` : `after ${ms(tookMs)}`;
      this.findings.add("a cache took too long to recover", `${subject.name}: ${took}`);
    }
  }

  /** Finds the calls that should have ended long ago. @param {number} graceMs */
  judgeOpen(graceMs) {
    for (const ticket of this.#open) {
      const beyondMs = this.#beyondMs(ticket);
      if (beyondMs <= graceMs) continue;
      this.#open.delete(ticket);
      this.findings.add("a call never settled", `${nameOf(ticket)}: ${ms(beyondMs)} overdue`);
    }
  }

  /**
   * @param {Subject} subject
   * @param {Call} call
   * @returns {Ticket}
   */
  #began(subject, call) {
    this.calls += 1;
    const { commandTimeoutMs, connectTimeoutMs, hasConnected } = subject;
    const firstMs = hasConnected ? commandTimeoutMs : connectTimeoutMs + firstCallGraceMs;
    const restMs = Math.max(0, call.commands - 1) * commandTimeoutMs;
    const boundMs = firstMs + restMs + (call.moreMs ?? 0);
    const { now, lateMs } = this.#clock;
    const ticket = { subject, call, beganMs: now(), lateMs: lateMs(), boundMs };
    this.#open.add(ticket);
    return ticket;
  }

  /**
   * @param {Ticket} ticket
   * @param {string} outcome
   */
  #ended(ticket, outcome) {
    this.settled += 1;
    if (!this.#open.delete(ticket)) return; // reported already, as never settled
    const beyondMs = this.#beyondMs(ticket);
    this.longestWaitMs = Math.max(this.longestWaitMs, this.#clock.now() - ticket.beganMs);
    this.longestBeyondMs = Math.max(this.longestBeyondMs, beyondMs);
    if (beyondMs <= slackMs) return;
    const detail = `${nameOf(ticket)}: ${ms(beyondMs)} beyond ${ms(ticket.boundMs)}, then ${outcome}`;
    this.findings.add("a call took longer than its bound", detail);
  }

  /** @param {Ticket} ticket */
  #beyondMs({ beganMs, lateMs, boundMs }) {
    const waitedMs = this.#clock.now() - beganMs;
    return waitedMs - (this.#clock.lateMs() - lateMs) - boundMs;
  }

  /**
   * @param {Subject} subject
   * @param {unknown} answer
   */
  #succeeded(subject, answer) {
    if (subject.ignoresErrors && !isNoFallback(answer)) return;
    this.succeeded += 1;
    const healing = this.#healing;
    if (!healing || healing.firstSuccess.has(subject)) return;
    healing.firstSuccess.set(subject, this.#clock.now() - healing.atMs);
  }

  /**
   * @param {Ticket} ticket
   * @param {unknown} error
   * @param {boolean} amidDamage
   */
  #judgeError({ subject, call }, error, amidDamage) {
    const code = codeOf(error);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    if (call.mayFailWith?.includes(code)) return;
    const isTrouble = isStoreTrouble(error) || (code === "DECODE" && amidDamage);
    const mayReject = !subject.ignoresErrors || call.alwaysRejects === true;
    if (isTrouble && mayReject) return;
    const rule = isTrouble ? "ignoreErrors did not ignore" : "an error that is not documented";
    this.findings.add(rule, `${subject.name}.${call.operation}: ${describe(error)}`);
  }
}

/** @param {unknown} error */
function isStoreTrouble(error) {
  if (!(error instanceof CacheError)) return false;
  if (storeTrouble.has(error.code)) return true;
  return error.code === "SERVER_REFUSED" && "reason" in error && error.reason === "OOM";
}

/** Returns whether no fallback of `ignoreErrors` looks like this answer. @param {unknown} answer */
function isNoFallback(answer) {
  return answer === true || (typeof answer === "number" && answer > 0);
}

/** @param {unknown} error */
function codeOf(error) {
  if (!(error instanceof Error)) return typeof error;
  return "code" in error ? String(error.code) : error.name;
}

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const text = error instanceof CacheError ? `${error.name}: ${error.message}` : error.stack;
  const cause = error.cause instanceof Error ? ` (cause: ${error.cause.message})` : "";
  return `${text}${cause}`;
}

/** @param {Ticket} ticket */
function nameOf({ subject, call }) {
  return `${subject.name}.${call.operation}`;
}

/** @param {number} time */
function ms(time) {
  return `${Math.round(time)} ms`;
}
