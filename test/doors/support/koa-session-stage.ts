import { type KoaSessionHandler } from "../apps/koa-session-app.ts";
import type { Answer, Browser } from "./browser.ts";

/** Lets a test do something while requests are under way. */
export class Pause {
  #missing: number;
  #reach: () => void = () => undefined;
  #end: () => void = () => undefined;
  readonly reached = new Promise<void>((resolve) => (this.#reach = resolve));
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));

  /** It is reached when so many requests have come to it. */
  constructor(requests = 1) {
    this.#missing = requests;
  }

  /** To be called by the requests. */
  async here(): Promise<void> {
    if (--this.#missing === 0) this.#reach();
    await this.#ended;
  }

  end(): void {
    this.#end();
  }
}

/** Has a request with the header `pause` wait between reading its session and doing what it does. */
export function pausing(pause: Pause): KoaSessionHandler {
  return async (ctx, next) => {
    if (ctx.get("pause") !== "") await pause.here();
    await next();
  };
}

/** Sends a request, and others while it is under way. Returns the answer to the first. */
export async function during(
  pause: Pause,
  request: Promise<Answer>,
  others: () => Promise<unknown>,
): Promise<Answer> {
  await pause.reached;
  await others();
  pause.end();
  return request;
}

export const paused = { headers: { pause: "yes" } };

export function keyOf(browser: Browser): string {
  return browser.jar.valueOf("koa.sess") ?? "";
}
