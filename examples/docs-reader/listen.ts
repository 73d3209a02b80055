import { once } from "node:events";
import type { Server } from "node:http";

/** Loopback: nobody but this machine can reach it. */
const host = "127.0.0.1";

/** Listens on `port`, or on a free one where that is taken. Returns the port. */
export async function listen(server: Server, port: number): Promise<number> {
  try {
    return await listenOn(server, port);
  } catch (error) {
    if (!isTaken(error)) throw error;
    return listenOn(server, 0);
  }
}

async function listenOn(server: Server, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : port;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
