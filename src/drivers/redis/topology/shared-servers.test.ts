import { describe, expect, onTestFinished, test } from "vitest";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { type SharedServer, shareServer } from "./shared-servers.ts";

const usual: ConnectionOptions = {
  socket: { host: "localhost", port: 6379, tls: true },
  database: 0,
  connectTimeoutMs: 1,
  commandTimeoutMs: 1,
  circuit: { threshold: 5, cooldownMs: 1 },
  maxCalls: 1,
  maxBytes: 1,
};

/** Nothing connects here: sharing opens nothing before the first command. */
function share(options: Partial<ConnectionOptions> = {}): SharedServer {
  const leased = shareServer({ ...usual, ...options });
  onTestFinished(() => leased.release());
  return leased;
}

const check = (): undefined => undefined;

describe("leases of connections", () => {
  test.each<readonly [string, Partial<ConnectionOptions>, Partial<ConnectionOptions>]>([
    ["no options more", {}, {}],
    ["credentials", { username: "u", password: "p" }, { password: "p", username: "u" }],
    [
      "TLS options in another order",
      { tls: { ca: "a", cert: "b" } },
      { tls: { cert: "b", ca: "a" } },
    ],
    ["equal bytes", { tls: { ca: Buffer.from("a") } }, { tls: { ca: Buffer.from("a") } }],
    [
      "the same function",
      { tls: { checkServerIdentity: check } },
      { tls: { checkServerIdentity: check } },
    ],
    ["a unix path", { socket: { path: "/a" } }, { socket: { path: "/a" } }],
  ])("equal options share one: %s", (_what, one, other) => {
    expect(share(one).connection).toBe(share(other).connection);
  });

  test.each<readonly [string, Partial<ConnectionOptions>]>([
    ["host", { socket: { host: "other", port: 6379, tls: true } }],
    ["port", { socket: { host: "localhost", port: 6380, tls: true } }],
    ["TLS or not", { socket: { host: "localhost", port: 6379, tls: false } }],
    ["unix path", { socket: { path: "/localhost" } }],
    ["database", { database: 1 }],
    ["user", { username: "u" }],
    ["password", { password: "p" }],
    ["password and user swapped", { username: "p" }],
    ["authority", { tls: { ca: "a" } }],
    ["bytes and the text of them", { tls: { ca: Buffer.from("a") } }],
    ["verification", { tls: { rejectUnauthorized: false } }],
    ["functions", { tls: { checkServerIdentity: () => undefined } }],
    ["connectTimeout", { connectTimeoutMs: 2 }],
    ["commandTimeout", { commandTimeoutMs: 2 }],
  ])("options that differ never share: %s", (_what, other) => {
    const others = [
      {},
      { password: "u" },
      { tls: { ca: "b" } },
      { tls: { checkServerIdentity: check } },
    ];
    const connections = others.map((options) => share(options).connection);
    expect(connections).not.toContain(share(other).connection);
  });

  test("the last release ends the sharing, one given back twice counts once", async () => {
    const [one, two, three] = [share(), share(), share()];
    await one.release();
    await one.release();
    await two.release();
    expect(share().connection).toBe(three.connection);
  });

  test("after the last release the next lease is of a new connection", async () => {
    const one = share();
    await one.release();
    expect(share().connection).not.toBe(one.connection);
  });
});
