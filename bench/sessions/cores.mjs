import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** The application has a core to itself; Redis and the load, which leave half of theirs idle, share one. */
export const appCore = 0;
export const otherCore = 1;

/** Whether processes can be held to a core here. */
export const canPin = availableParallelism() >= 2 && hasTaskset();

/** Holds a process, and what it starts from now on, to one core. */
export function pin(pid, core) {
  if (canPin) execFileSync("taskset", ["-acp", String(core), String(pid)]);
}

function hasTaskset() {
  try {
    execFileSync("taskset", ["--version"]);
    return true;
  } catch {
    return false; // not Linux, or a small one
  }
}
