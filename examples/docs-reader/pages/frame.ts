import type { Reader } from "../reader.ts";
import type { Frame } from "./layout.ts";

/** Gathers what is the same on all pages. */
export async function gatherFrame({ contents, cache, place }: Reader): Promise<Frame> {
  const [entries, isReachable] = await Promise.all([contents.list(), cache.ping()]);
  return { entries, isReachable, place };
}
