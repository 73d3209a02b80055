import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @import { Commands, Reply } from "./serve.mjs" */

/**
 * A file that calls `serve`, as a process of its own. It may wait for a server for ever, so `stop` kills it.
 *
 * @template {Commands} C
 * @typedef {object} WorkerProcess
 * @property {number} pid the process id
 * @property {<K extends keyof C & string>(command: K, ...input: Parameters<C[K]>) => Promise<Awaited<ReturnType<C[K]>>>} ask carries out a command
 * @property {() => Promise<void>} stop kills the process
 * @property {C} [served] never there: from it TypeScript infers `C`
 */

/**
 * Starts a file that serves the commands of `C`.
 *
 * @template {Commands} C
 * @param {URL} file
 * @returns {WorkerProcess<C>}
 */
export function startWorker(file) {
  const child = fork(fileURLToPath(file), [], {
    execArgv: ["--expose-gc"],
    serialization: "advanced",
  });
  if (child.pid === undefined) throw new Error(`${file.href} did not start.`);
  const pending = new PendingAnswers();
  child.on("message", (message) => {
    pending.settle(/** @type {Reply} */ (message)); // only `serve` sends here
  });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      pending.rejectAll(new Error(`${file.href} ended: ${code ?? signal}`));
      resolve();
    });
  });
  return {
    pid: child.pid,
    ask: (command, ...[input]) =>
      pending.add((id, reject) => {
        child.send({ id, command, input }, (error) => error && reject(error)); // it has exited
      }),
    stop: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

/** The answers that a worker owes. */
class PendingAnswers {
  /** @type {Map<number, { resolve: (answer: never) => void, reject: (error: Error) => void }>} */
  #open = new Map();
  #count = 0;

  /**
   * @template T
   * @param {(id: number, reject: (error: Error) => void) => void} send
   * @returns {Promise<T>}
   */
  add(send) {
    return new Promise((resolve, reject) => {
      const id = this.#count++;
      this.#open.set(id, { resolve, reject });
      send(id, reject);
    });
  }

  /** @param {Reply} reply */
  settle({ id, answer, problem }) {
    const open = this.#open.get(id);
    this.#open.delete(id);
    if (problem === undefined)
      open?.resolve(/** @type {never} */ (answer)); // `add` says which type
    else open?.reject(new Error(problem));
  }

  /** @param {Error} error */
  rejectAll(error) {
    for (const { reject } of this.#open.values()) reject(error);
  }
}
