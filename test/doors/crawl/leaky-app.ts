import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { SessionApp } from "../support/session-app.ts";

/** What a leaky application does wrong. */
export type Leak =
  | "forgets who asks" // one session for all
  | "gives one id twice" // a visitor gets the cookie of the one before
  | "lets caches keep answers"; // nothing says that they are for one visitor

const headersOf: Readonly<Record<Leak, Readonly<Record<string, string>>>> = {
  "forgets who asks": { "cache-control": "private" },
  "gives one id twice": { "cache-control": "private" },
  "lets caches keep answers": {},
};

/** Starts an application that shows visitors what is not theirs, to see that a crawl finds it. */
export async function startLeakyApp(leak: Leak): Promise<SessionApp> {
  const sessions = new Map<string, Record<string, string>>();
  let visitors = 0;
  const server = createServer((request, response) => {
    const [, verb = "", name = "", value = ""] = (request.url ?? "").split("/");
    const known = leak === "forgets who asks" ? "all" : idOf(request);
    const id = known ?? String(leak === "gives one id twice" ? visitors++ >> 1 : visitors++);
    const session = sessions.get(id) ?? {};
    sessions.set(id, session);
    if (verb === "set") session[name] = value;
    const cookie = verb === "set" ? { "set-cookie": `sessionid=${id}` } : {};
    response.writeHead(200, { ...headersOf[leak], ...cookie });
    response.end(JSON.stringify(session));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}

function idOf({ headers }: IncomingMessage): string | undefined {
  return /sessionid=(\w+)/.exec(headers.cookie ?? "")?.[1];
}
