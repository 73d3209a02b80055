import type { CircuitEvent } from "../../contracts/events.ts";
import type { Events } from "./events.ts";
import type { FailurePolicy } from "./failure-policy.ts";
import { logTo } from "./log.ts";

/**
 * Writes one line when the circuit opens and one when it closes, where ignored errors are logged.
 * What calls meet in between is one and the same outage: it is counted and told, and not logged.
 */
export function logCircuit(policy: FailurePolicy, events: Events): void {
  if (!policy.ignoreErrors || !policy.logIgnoredErrors) return;
  events.on("circuit", ({ cache, state, cause }: CircuitEvent) => {
    if (state === "open") {
      logTo(policy.logger, `${cache}: the circuit is open, calls fail at once`, cause);
    } else {
      logTo(policy.logger, `${cache}: the circuit is closed, the server answers again`);
    }
  });
}
