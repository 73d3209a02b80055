import type { SetOptions } from "../../contracts/cache.ts";
import type { Lifetime, WriteRules } from "../../contracts/store.ts";
import { requireFlag } from "../../kit/flag.ts";
import { resolveLifetime } from "../values/lifetimes.ts";

/** Returns what the options of a write ask for. @throws TypeError where they contradict each other */
export function resolveWriteRules(options: SetOptions, usual: Lifetime): WriteRules {
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
  if (value !== undefined) return;
  throw new TypeError(
    `undefined cannot be stored (key ${JSON.stringify(key)}); use null or delete.`,
  );
}
