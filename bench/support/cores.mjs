import { execFileSync } from "node:child_process";
import { availableParallelism, constants, setPriority } from "node:os";

/** The application has a core to itself; Redis and the load share one. */
export const appCore = 0;
export const otherCore = 1;

/** Whether this machine can hold a process to a core. */
export const canPin = availableParallelism() >= 2 && hasTaskset();

/**
 * Holds a process, and what it starts from now on, to one core.
 *
 * @param {number} pid
 * @param {number} core
 */
export function pin(pid, core) {
  if (canPin) execFileSync("taskset", ["-acp", String(core), String(pid)]);
}

/**
 * Gives a process precedence on its core. Returns whether this process has the privilege to do so.
 *
 * @param {number} pid
 */
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
    return false; // not Linux, or without util-linux
  }
}
