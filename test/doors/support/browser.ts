import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { CookieJar, type CookieJarOptions } from "./cookie-jar.ts";

/** A request, beyond its method and path. */
export interface BrowserRequest {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Added to the browser's own. A `cookie` here goes instead of those in the jar. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The head of an answer. */
interface Head {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
  /** Each `Set-Cookie` header. */
  readonly setCookies: readonly string[];
}

/** An answer whose body is still to come. */
export interface OpenAnswer extends Head {
  readonly stream: IncomingMessage;
}

/** A whole answer. */
export interface Answer extends Head {
  readonly body: string;

  /** @throws SyntaxError where the body is no JSON */
  json(): unknown;
}

/** How a browser is opened. */
export interface BrowserOptions extends CookieJarOptions {
  /** The cookies it begins with, which it shares with whoever has them too. @default none */
  readonly jar?: CookieJar;

  /** Whose connections it uses; whoever gives it closes it. @default its own */
  readonly agent?: Agent;
}

/** A visitor's browser: it keeps cookies and connections, and follows nothing. Gone when the test is over. */
export class Browser {
  readonly jar: CookieJar;
  readonly #origin: string;
  readonly #agent: Agent;

  constructor(origin: string, options: BrowserOptions = {}) {
    this.jar = options.jar ?? new CookieJar(options);
    this.#origin = origin;
    this.#agent = options.agent ?? keepingConnections();
  }

  get(path: string, options?: BrowserRequest): Promise<Answer> {
    return this.send("GET", path, options);
  }

  post(path: string, options?: BrowserRequest): Promise<Answer> {
    return this.send("POST", path, options);
  }

  /** Sends a request. Resolves with the whole answer, whatever its status. */
  async send(method: string, path: string, options?: BrowserRequest): Promise<Answer> {
    const { stream, ...head } = await this.open(method, path, options);
    const body = await text(stream);
    return { ...head, body, json: () => JSON.parse(body) };
  }

  /** Sends a request. Resolves as soon as the answer's head is there. */
  async open(method: string, path: string, options: BrowserRequest = {}): Promise<OpenAnswer> {
    const url = new URL(path, this.#origin);
    const content = options.body === undefined ? undefined : JSON.stringify(options.body);
    const asking = request(url, {
      method,
      agent: this.#agent,
      headers: { ...this.#headers(url, content), ...options.headers },
    });
    asking.end(content);
    const [stream] = (await once(asking, "response")) as [IncomingMessage];
    return this.#received(stream);
  }

  #headers(url: URL, content: string | undefined): Record<string, string | number> {
    const cookie = this.jar.headerFor(url.pathname);
    return {
      ...(cookie !== undefined && { cookie }),
      ...(content !== undefined && {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(content),
      }),
    };
  }

  #received(stream: IncomingMessage): OpenAnswer {
    const { statusCode: status = 0, headers, rawHeaders } = stream;
    const setCookies = headers["set-cookie"] ?? [];
    for (const header of setCookies) this.jar.take(header);
    return { status, headers, rawHeaders, setCookies, stream };
  }
}

/** After how long a connection that is not used is closed: well before Node's servers do, with a request on its way. */
const idleMs = 2_000;

/** Returns what keeps connections open, until the test is over. */
export function keepingConnections(): Agent {
  const agent = new Agent({ keepAlive: true, timeout: idleMs });
  onTestFinished(() => agent.destroy());
  return agent;
}
