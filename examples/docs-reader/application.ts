import type { IncomingMessage } from "node:http";
import type { Assets } from "./assets.ts";
import { addressOf } from "./links.ts";
import { deleteKeys, showCache } from "./pages/cache.ts";
import { showDocument } from "./pages/document.ts";
import { showProblem } from "./pages/problem.ts";
import type { Reader } from "./reader.ts";
import { Refusal } from "./refusal.ts";
import type { Reply } from "./reply.ts";

/** Answers requests: finds the page that an address means. */
export class Application {
  readonly #reader: Reader;
  readonly #assets: Assets;

  constructor(reader: Reader, assets: Assets) {
    this.#reader = reader;
    this.#assets = assets;
  }

  /** Returns the page, or the one that says why there is none. */
  async answer(request: IncomingMessage): Promise<Reply> {
    try {
      return await this.#route(request, parseAddress(request.url));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return showProblem(this.#reader, error);
    }
  }

  async #route(request: IncomingMessage, url: URL): Promise<Reply> {
    if (url.pathname === "/cache/delete") {
      requireMethod(request, ["POST"]);
      return deleteKeys(this.#reader, request);
    }
    requireMethod(request, ["GET", "HEAD"]);
    if (url.pathname === "/cache") return showCache(this.#reader, url.searchParams);
    return this.#assets.get(url.pathname) ?? this.#read(request, url.pathname);
  }

  async #read(request: IncomingMessage, address: string): Promise<Reply> {
    const documents = await this.#reader.library.list();
    const document =
      address === "/" ? documents[0] : documents.find(({ path }) => addressOf(path) === address);
    if (!document) throw new Refusal(404, "There is no document at this address.");
    return showDocument(this.#reader, { document, cookies: request.headers.cookie });
  }
}

function requireMethod({ method = "" }: IncomingMessage, allowed: readonly string[]): void {
  if (allowed.includes(method)) return;
  const Allow = allowed.join(", ");
  throw new Refusal(405, `This address takes ${Allow}, not ${method}.`, { Allow });
}

/** Parsing resolves `..` and keeps encoded slashes as they are; what is left must name a document. */
function parseAddress(target = ""): URL {
  const base = "http://reader";
  if (!target.startsWith("/") || !URL.canParse(base + target)) {
    throw new Refusal(400, "This address cannot be read.");
  }
  return new URL(base + target);
}
