/**
 * What a process does for its parent, by name. A command takes one input at most; input and answer are copied.
 *
 * @typedef {Readonly<Record<string, (input: never) => unknown>>} Commands
 */

/** @typedef {{ id: number, command: string, input: unknown }} Request */
/** @typedef {{ id: number, answer?: unknown, problem?: string | undefined }} Reply */

/**
 * Carries out `commands` for the parent of this process, and exits with it.
 *
 * @param {Commands} commands
 */
export function serve(commands) {
  process.on("disconnect", () => process.exit());
  process.on("message", (message) => {
    // Only `startWorker` sends here.
    const request = /** @type {Request} */ (message);
    void carryOut(commands, request).then((reply) => process.send?.(reply));
  });
}

/**
 * @param {Commands} commands
 * @param {Request} request
 * @returns {Promise<Reply>}
 */
async function carryOut(commands, { id, command, input }) {
  try {
    // The type of `ask` has checked the input against the command.
    return { id, answer: await commands[command]?.(/** @type {never} */ (input)) };
  } catch (error) {
    return { id, problem: error instanceof Error ? error.stack : String(error) };
  }
}
