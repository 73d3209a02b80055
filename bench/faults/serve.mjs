/**
 * Makes this process do what its parent asks for, one of `commands` by name. It ends with its
 * parent.
 */
export function serve(commands) {
  process.on("disconnect", () => process.exit());
  process.on("message", (message) => void carryOut(commands, message));
}

async function carryOut(commands, { id, command, input }) {
  try {
    process.send({ id, answer: await commands[command](input) });
  } catch (error) {
    process.send({ id, problem: error instanceof Error ? error.stack : String(error) });
  }
}
