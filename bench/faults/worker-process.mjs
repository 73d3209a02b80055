import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Starts a file of this folder as a process of its own. `ask` has it carry out a command and
 * resolves with its answer, `stop` ends it with force: it may be waiting for a server for ever.
 */
export function startWorker(file) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    execArgv: ["--expose-gc"],
    serialization: "advanced",
  });
  const open = new Map();
  let asked = 0;
  child.on("message", ({ id, answer, problem }) => {
    const { resolve, reject } = open.get(id);
    open.delete(id);
    if (problem === undefined) resolve(answer);
    else reject(new Error(problem));
  });
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      for (const { reject } of open.values()) reject(new Error(`${file} ended: ${code ?? signal}`));
      resolve();
    });
  });
  return {
    pid: child.pid,
    ask: (command, input) =>
      new Promise((resolve, reject) => {
        open.set(asked, { resolve, reject });
        const gone = (error) => error && reject(error); // nobody is there to answer
        child.send({ id: asked++, command, input }, gone);
      }),
    stop: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}
