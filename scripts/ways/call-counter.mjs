import { Session } from "node:inspector";
import { pathToFileURL } from "node:url";
import { CallOrder } from "./call-order.mjs";

/**
 * A compiled function of ours that one call ran.
 *
 * @typedef {object} RunFunction
 * @property {string} file its path below the counted folder, without an ending
 * @property {string} name V8's name for it; empty for an anonymous function
 * @property {string} scriptId V8's id for the file
 * @property {number} start where it begins in the compiled text
 * @property {number} end where it ends there
 */

/** How many calls are compared. A background timer does not fire in all of them. */
const rounds = 5;

/**
 * Counts which functions below one folder a call runs, by V8's precise coverage.
 *
 * Create it before you import the files: V8 counts from the first run only the functions that it compiles later.
 */
export class CallCounter {
  #session = new Session();
  #folder;
  #rootUrl;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#rootUrl = `${pathToFileURL(folder).href}/`;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  }

  /**
   * Returns the functions that every one of several calls ran, in the order in which a last call enters them.
   * A function counts if it runs between the call and the settling of its promise.
   *
   * @param {() => Promise<unknown>} call
   * @returns {Promise<RunFunction[]>}
   */
  async count(call) {
    let common = await this.#countOnce(call);
    for (let round = 1; round < rounds; round += 1) {
      const ran = new Set((await this.#countOnce(call)).map(identityOf));
      common = common.filter((entry) => ran.has(identityOf(entry)));
    }
    return new CallOrder(this.#session, this.#folder).sort(common, call);
  }

  stop() {
    this.#session.disconnect();
  }

  /** @param {() => Promise<unknown>} call */
  async #countOnce(call) {
    this.#take();
    // The first reaction to the promise takes the counts, so nothing runs between its settling and the taking.
    return await call().then(() => this.#take());
  }

  /** Returns what ran since the last taking. A session of the same thread answers before `post` returns. */
  #take() {
    /** @type {RunFunction[]} */
    let ran = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error) throw error;
      ran = functionsOf(coverage.result, this.#rootUrl);
    });
    return ran;
  }
}

/**
 * Lists the functions that ran, without the bodies of modules. The initializer of a class's fields is a function to V8,
 * and counts.
 *
 * @param {readonly import("node:inspector").Profiler.ScriptCoverage[]} scripts
 * @param {string} rootUrl the counted folder's URL, with a slash at its end
 * @returns {RunFunction[]}
 */
export function functionsOf(scripts, rootUrl) {
  const ours = scripts.filter(({ url }) => url.startsWith(rootUrl));
  return ours.flatMap(({ url, scriptId, functions }) => {
    const file = url.slice(rootUrl.length).replace(/\.js$/, "");
    return functions.flatMap(({ functionName: name, ranges: [range] }) => {
      if (!range || range.count === 0 || isModuleBody(name, range)) return [];
      return [{ file, name, scriptId, start: range.startOffset, end: range.endOffset }];
    });
  });
}

/**
 * @param {string} name
 * @param {import("node:inspector").Profiler.CoverageRange} range
 */
function isModuleBody(name, range) {
  return name === "" && range.startOffset === 0;
}

/** @param {RunFunction} entry */
function identityOf({ scriptId, start, end }) {
  return `${scriptId}:${start}-${end}`;
}
