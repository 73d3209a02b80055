import { execFileSync } from "node:child_process";
import { availableParallelism, constants, setPriority } from "node:os";

/** The application has a core to itself; Redis and the load share one. */
export const appCore = 0;
export const otherCore = 1;

/** Whether processes can be held to a core here. */
export const canPin = availableParallelism() >= 2 && hasTaskset();

/** Holds a process, and what it starts from now on, to one core. */
export function pin(pid, core) {
  if (canPin) execFileSync("taskset", ["-acp", String(core), String(pid)]);
}

/** Lets a process go before others on its core, where this one may say so. Returns whether it may. */
export function putFirst(pid) {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
    return true;
  } catch {
    return false; // it takes a privilege
  }
}

function hasTaskset() {
  try {
    execFileSync("taskset", ["--version"]);
    return true;
  } catch {
    return false; // not Linux, or a small one
  }
}
