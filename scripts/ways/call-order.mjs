import { readFileSync } from "node:fs";
import path from "node:path";

/** @typedef {import("./call-counter.mjs").RunFunction} RunFunction */

/** The name under which the breakpoints find the list of what they saw. */
const trail = "__cachewellTrail";

/**
 * Finds the order in which a call enters functions, which coverage does not know: a breakpoint in each of them has a
 * condition that notes the function and is false, so that nothing ever stops.
 */
export class CallOrder {
  #session;
  #folder;
  /** @type {Map<string, readonly number[]>} the offset at which each line of a file begins */
  #lineStarts = new Map();

  /**
   * @param {import("node:inspector").Session} session
   * @param {string} folder
   */
  constructor(session, folder) {
    this.#session = session;
    this.#folder = folder;
  }

  /**
   * @param {readonly RunFunction[]} functions
   * @param {() => Promise<unknown>} call
   * @returns {Promise<RunFunction[]>} those of `functions` that `call` entered, in this order, then the others
   */
  async sort(functions, call) {
    /** @type {number[]} */
    const entered = [];
    Reflect.set(globalThis, trail, entered);
    this.#session.post("Debugger.enable");
    for (const [index, entry] of functions.entries()) this.#watch(entry, index);
    await call();
    this.#session.post("Debugger.disable");
    Reflect.deleteProperty(globalThis, trail);
    const order = new Set([...entered, ...functions.keys()]);
    return [...order].flatMap((index) => functions[index] ?? []);
  }

  /**
   * @param {RunFunction} entry
   * @param {number} index
   */
  #watch(entry, index) {
    const range = { start: this.#locate(entry, entry.start), end: this.#locate(entry, entry.end) };
    const condition = `${trail}.push(${index}), false`;
    this.#session.post(
      "Debugger.getPossibleBreakpoints",
      { ...range, restrictToFunction: true },
      (error, answer) => {
        const location = error ? undefined : answer.locations[0];
        if (location) this.#session.post("Debugger.setBreakpoint", { location, condition });
      },
    );
  }

  /**
   * @param {RunFunction} entry
   * @param {number} offset
   */
  #locate({ file, scriptId }, offset) {
    const starts = this.#lineStartsOf(file);
    const lineNumber = starts.findLastIndex((start) => start <= offset);
    return { scriptId, lineNumber, columnNumber: offset - (starts[lineNumber] ?? 0) };
  }

  /** @param {string} file */
  #lineStartsOf(file) {
    const known = this.#lineStarts.get(file);
    if (known) return known;
    const text = readFileSync(path.join(this.#folder, `${file}.js`), "utf8");
    const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
    this.#lineStarts.set(file, starts);
    return starts;
  }
}
