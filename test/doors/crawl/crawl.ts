import { Random } from "../../chaos/random.mjs";
import { keepingConnections } from "../support/browser.ts";
import type { SessionApp } from "../support/session-app.ts";
import { CrawlVisitor, type World } from "./crawl-visitor.ts";
import { LeakWatch, newTag } from "./leak-watch.ts";
import { SharedCache } from "./shared-cache.ts";

/** What to crawl, and how much. */
export interface CrawlPlan {
  /** Applications over the same sessions: a visitor's cookie is good for all of them. */
  readonly apps: readonly SessionApp[];
  readonly requests: number;
  readonly seed: number;
}

/** What a crawl came to. */
export interface CrawlReport {
  readonly watch: LeakWatch;
  readonly cacheHits: number;
}

const users = 2;
const browsersPerUser = 2;
const strangers = 3;

/**
 * Sends random requests of two users, each with two browsers, and of strangers who never log in, all at
 * the same time, a part of them through a cache and over connections that all of them share.
 */
export async function crawl({ apps, requests, seed }: CrawlPlan): Promise<CrawlReport> {
  const agent = keepingConnections();
  const watch = new LeakWatch();
  const cache = new SharedCache();
  const world: World = { apps, agent, watch, cache };
  const visitors = visitorsOf(world, seed);
  const share = Math.ceil(requests / visitors.length);
  await Promise.all(visitors.map((visitor) => visitor.run(share)));
  return { watch, cacheHits: cache.hits };
}

function visitorsOf(world: World, seed: number): CrawlVisitor[] {
  let number = 0;
  const visitor = (owner: string | undefined): CrawlVisitor =>
    new CrawlVisitor(world, owner, new Random(seed + number++));
  const known = Array.from({ length: users }, newTag).flatMap((tag) =>
    Array.from({ length: browsersPerUser }, () => visitor(tag)),
  );
  return [...known, ...Array.from({ length: strangers }, () => visitor(undefined))];
}
