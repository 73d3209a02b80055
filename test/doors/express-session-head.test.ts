import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { openStoreStage } from "./support/express-session-stage.ts";

/** Sends a request over a connection of its own. Returns the pieces of its answer as they come. */
async function piecesOf(url: string, request: readonly string[]): Promise<readonly string[]> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  const pieces: string[] = [];
  socket.setEncoding("latin1").on("data", (piece) => pieces.push(String(piece)));
  socket.write(`${request.join("\r\n")}\r\n\r\n`);
  return pieces;
}

function isWhole(pieces: readonly string[]): boolean {
  const [, head = "", body = ""] = /^(.*?\r\n\r\n)(.*)$/s.exec(pieces.join("")) ?? [];
  const [, length] = /content-length: (\d+)/i.exec(head) ?? [];
  return length !== undefined && body.length === Number(length);
}

const layouts = ["merged", "connect-redis"] as const;

/** What a request does to its session: write to it, or extend its life. */
const requests = [
  ["writes", "POST /set/colour/red HTTP/1.1", {}],
  ["extends", "GET /fields HTTP/1.1", { cookie: { maxAge: 10_000 } }],
] as const;

describe.each(layouts)("the response of a request, layout %s", (layout) => {
  test.each(requests)(
    "that %s its session leaves in one piece, once it is stored",
    async (_, line, session) => {
      const server: RedisServer = await startedRedis();
      const stage = await openStoreStage(
        { place: "Redis", layout },
        { cache: { location: server.url(), commandTimeout: "20s" }, session },
      );
      await stage.browser.post("/set/size/large");
      await stage.browser.get("/fields"); // a read that asks for the server's time may be a write to it
      await wait(50); // more than a thousandth of its life: it is worth extending
      const cookie = stage.browser.jar.headerFor("/") ?? "";
      const host = ["Host: localhost", `Cookie: ${cookie}`, "Content-Length: 0"];
      await server.cli("CLIENT", "PAUSE", "20000", "WRITE");
      const pieces = await piecesOf(stage.url, [line, ...host]);
      await until("the server has the session to store", async () => {
        return (await server.cli("INFO", "clients")).includes("blocked_clients:1");
      });
      expect(pieces).toEqual([]);
      await server.cli("CLIENT", "UNPAUSE");
      await until("the answer is whole", () => isWhole(pieces));
      expect(pieces).toHaveLength(1);
    },
  );
});
