import type { Agent } from "node:http";
import type { Random } from "../../chaos/random.mjs";
import { type Answer, Browser } from "../support/browser.ts";
import { CookieJar } from "../support/cookie-jar.ts";
import type { SessionApp } from "../support/session-app.ts";
import { type LeakWatch, newTag } from "./leak-watch.ts";
import type { SharedCache } from "./shared-cache.ts";

/** What all visitors of a crawl share. */
export interface World {
  readonly apps: readonly SessionApp[];
  readonly agent: Agent;
  readonly watch: LeakWatch;
  readonly cache: SharedCache;
}

/** A kind of request: how often it is chosen, and its path, method first. */
interface Route {
  readonly weight: number;
  readonly isOfUsers?: boolean;
  path(tag: string, random: Random): string;
}

const mostAtOnce = 6;
const cookieName = "sessionid";

const routes: readonly Route[] = [
  { weight: 10, path: () => "GET /public" },
  { weight: 20, path: () => "GET /me" },
  { weight: 20, path: () => "GET /fields" },
  { weight: 1, path: () => "GET /stream" },
  { weight: 1, path: () => "GET /big" },
  { weight: 12, path: (tag, random) => `POST /set/${field(random)}/${tag}` },
  { weight: 6, path: (tag, random) => `POST /push/${tag}-${random.whole(1, 9)}` },
  { weight: 8, path: (_tag, random) => `POST /delete/${random.pick(["cart", field(random)])}` },
  { weight: 4, path: () => "POST /regenerate" },
  { weight: 4, path: (_tag, random) => `POST /expiry/${random.pick([0, 60, 3_600])}` },
  { weight: 3, path: (tag, random) => `POST /fail/${field(random)}/${tag}` },
  { weight: 3, path: (tag, random) => `POST /save-then-fail/${field(random)}/${tag}` },
  { weight: 1, path: (tag, random) => `POST /throw/${field(random)}/${tag}` },
  { weight: 1, path: (tag, random) => `POST /stream-set/${field(random)}/${tag}` },
  { weight: 6, path: (tag, random) => slowSet(tag, random) },
  { weight: 8, isOfUsers: true, path: (tag) => `POST /login/${tag}` },
];

function field(random: Random): string {
  return `field${random.whole(1, 4)}`;
}

function slowSet(tag: string, random: Random): string {
  return `POST /slow-set/${field(random)}/${tag}?ms=${random.whole(0, 20)}`;
}

/** One browser of a user's, or one of strangers who come one after the other. */
export class CrawlVisitor {
  readonly #world: World;
  readonly #random: Random;
  readonly #user: string | undefined;
  readonly #routes: readonly Route[];
  #tag: string;
  #jar = new CookieJar();
  #sent = 0;

  /** @param user the tag of a user; without one a stranger's */
  constructor(world: World, user: string | undefined, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#user = user;
    this.#tag = user ?? newTag();
    const own = routes.filter(({ isOfUsers }) => user !== undefined || !isOfUsers);
    this.#routes = own.flatMap((route) => Array.from({ length: route.weight }, () => route));
  }

  /** Sends so many requests, some of them at once. */
  async run(requests: number): Promise<void> {
    while (this.#sent < requests) {
      const atOnce = this.#random.whole(1, mostAtOnce);
      await Promise.all(Array.from({ length: atOnce }, () => this.#sendAny()));
      if (this.#random.chance(0.06)) await this.#leave();
    }
  }

  async #sendAny(): Promise<void> {
    await this.#send(this.#random.pick(this.#routes).path(this.#tag, this.#random));
  }

  /** A user logs out; a stranger is followed by another. With nothing under way, nothing may be left to see. */
  async #leave(): Promise<void> {
    const id = this.#jar.valueOf(cookieName);
    if (this.#user === undefined) {
      this.#tag = newTag();
      this.#jar = new CookieJar();
    } else {
      await this.#send(this.#random.chance(0.2) ? "POST /logout-everywhere" : "POST /logout");
      await this.#send("POST /logout"); // where nobody was logged in, it is the session's end all the same
      await this.#expectNothing(id);
    }
    await this.#expectNothing(undefined);
  }

  async #expectNothing(id: string | undefined): Promise<void> {
    const headers = id === undefined ? {} : { cookie: `${cookieName}=${id}` };
    for (const path of ["GET /me", "GET /fields", "GET /public"])
      await this.#send(path, { headers });
  }

  async #send(request: string, stranger?: { readonly headers: Record<string, string> }) {
    const { apps, agent, watch, cache } = this.#world;
    this.#sent += 1;
    const { url } = this.#random.pick(apps);
    const [method = "", path = ""] = request.split(" ");
    const browser = new Browser(url, { jar: this.#jar, agent });
    const ask = async (): Promise<Answer> => {
      try {
        return await browser.send(method, path, stranger);
      } catch (cause) {
        throw new Error(`${request} at ${url} got no answer, or half of one.`, { cause });
      }
    };
    const isByCache = method === "GET" && this.#random.chance(0.4);
    const asker = { tag: this.#tag, isStranger: stranger !== undefined };
    const answer = await (isByCache ? cache.get(url + path, ask) : ask());
    watch.check(answer, request, asker);
  }
}
