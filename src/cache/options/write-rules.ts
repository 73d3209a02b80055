import { requireFlag } from "../../checks/require.ts";
import type { SetOptions } from "../../contracts/cache.ts";
import type { Lifetime, WriteRules } from "../../contracts/store.ts";
import { isOver, resolveLifetime } from "../values/lifetimes.ts";

/** What a write is to do. */
export interface WritePlan {
  readonly rules: WriteRules;
  /** Whether its lifetime is over before it begins. */
  readonly isEnded: boolean;
  /** What it has done to the key where it answers true. */
  readonly change: "write" | "delete" | "nothing";
}

/** Returns what the options of a write ask for. @throws TypeError where they contradict each other */
export function resolveWritePlan(options: SetOptions, usual: Lifetime): WritePlan {
  const rules = resolveRules(options, usual);
  const isEnded = isOver(rules.lifetime);
  return { rules, isEnded, change: isEnded ? changeOfEnded(rules) : "write" };
}

/** A write whose lifetime is over deletes; unless it keeps the key's own, or was to find none. */
function changeOfEnded({ condition, keepTtl }: WriteRules): WritePlan["change"] {
  if (keepTtl) return "write";
  return condition === "absent" ? "nothing" : "delete";
}

function resolveRules(options: SetOptions, usual: Lifetime): WriteRules {
  const { nx = false, xx = false, keepTtl = false, ttl } = options;
  requireFlag("nx", nx);
  requireFlag("xx", xx);
  requireFlag("keepTtl", keepTtl);
  if (nx && xx) throw new TypeError("nx and xx exclude each other: choose one.");
  if (keepTtl && ttl !== undefined) throw new TypeError("keepTtl and ttl exclude each other.");
  const lifetime = resolveLifetime(ttl, usual);
  if (nx) return { lifetime, condition: "absent" };
  return { lifetime, keepTtl, condition: xx ? "present" : undefined };
}

/** Checks that a value may be stored at all. @throws TypeError for `undefined`, which means absent */
export function requireValue(key: string, value: unknown): void {
  if (value === undefined) refuseUndefined(key);
}

/** @throws TypeError */
export function refuseUndefined(key: string): never {
  throw new TypeError(
    `undefined cannot be stored (key ${JSON.stringify(key)}); use null or delete.`,
  );
}
