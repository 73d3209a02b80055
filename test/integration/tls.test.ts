import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ServerRefusedError, StoreUnavailableError } from "../../src/contracts/errors.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { connectionsOf } from "../support/servers.ts";
import { createTlsCertificates, type TlsCertificates } from "../support/tls-certificates.ts";
import { until } from "../support/until.ts";

describe("TLS", () => {
  let directory = "";
  let certificates: TlsCertificates;
  let server: RedisServer;
  let strict: RedisServer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "cachewell-tls-"));
    certificates = await createTlsCertificates(directory);
    [server, strict] = await Promise.all([
      startRedisServer({ tls: { certificates } }),
      startRedisServer({ tls: { certificates, clientCertificates: true } }),
    ]);
  });

  afterAll(async () => {
    await Promise.all([server.stop(), strict.stop()]);
    await rm(directory, { recursive: true });
  });

  test.each(["rediss://127.0.0.1:PORT/1", "valkeys://localhost:PORT/1"])(
    "%s works with the authority named",
    async (location) => {
      const place = location.replace("PORT", `${server.tlsPort}`);
      const cache = openCache({ location: place, tls: { ca: certificates.ca } });
      await cache.set("key", { deep: [1] });
      expect(await cache.get("key")).toEqual({ deep: [1] });
    },
  );

  test("an unknown authority is not trusted", async () => {
    const { error } = await failureOf(() => openCache({ location: server.url() }).get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({
      maybeApplied: false,
      cause: { code: expect.stringMatching(/^(SELF_SIGNED_CERT|UNABLE_TO_)/) as string },
    });
  });

  test("a certificate of another host is not trusted", async () => {
    const tls = { ca: certificates.ca, servername: "elsewhere.example" };
    const { error } = await failureOf(() => openCache({ location: server.url(), tls }).get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
  });

  test("a TLS failure is not ignored silently: it is told to listeners", async () => {
    const told: unknown[] = [];
    const cache = openCache({ location: server.url(), ignoreErrors: true });
    cache.on("error", ({ error }) => told.push(error));
    expect(await cache.get("key")).toBeUndefined();
    expect(told).toEqual([expect.any(StoreUnavailableError)]);
  });

  test("verification can be turned off by name", async () => {
    const cache = openCache({ location: server.url(), tls: { rejectUnauthorized: false } });
    expect(await cache.set("key", 1)).toBe(true);
  });

  test.each([{}, { rejectUnauthorized: undefined }])(
    "verification stays on with %j",
    async (tls) => {
      const { error } = await failureOf(() =>
        openCache({ location: server.url(), tls }).get("key"),
      );
      expect(error).toBeInstanceOf(StoreUnavailableError);
    },
  );

  test("a client certificate is shown where one is asked for", async () => {
    const [cert, key] = await Promise.all([
      readFile(certificates.certFile),
      readFile(certificates.keyFile),
    ]);
    const cache = openCache({ location: strict.url(), tls: { ca: certificates.ca, cert, key } });
    expect(await cache.ping()).toBe(true);
  });

  test("a missing client certificate is an unavailable store", async () => {
    const cache = openCache({ location: strict.url(), tls: { ca: certificates.ca } });
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
  });

  test("a TLS port is not spoken to in the clear, nor the other way round", async () => {
    for (const location of [
      `redis://127.0.0.1:${server.tlsPort}`,
      `rediss://127.0.0.1:${server.port}`,
    ]) {
      const { error } = await failureOf(() =>
        openCache({ location, connectTimeout: "300ms" }).get("key"),
      );
      expect(error).toBeInstanceOf(StoreUnavailableError);
    }
  });

  test("options of TLS that Node refuses fail the first call, not the making", async () => {
    const cache = openCache({ location: server.url(), tls: { ca: "no certificate" } });
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
  });

  test("equal options of TLS share a connection, different ones do not", async () => {
    const { ca } = certificates;
    const location = server.url();
    for (const tls of [{ ca }, { ca }, { ca, servername: "localhost" }]) {
      await openCache({ location, tls }).get("key");
    }
    // An attempt that another test gave up lets go of its socket a second later.
    await until("only two are left", async () => (await connectionsOf(server)) <= 2);
    expect(await connectionsOf(server)).toBe(2);
  });

  test("a wrong password over TLS is refused as in the clear", async () => {
    const location = server.url().replace("//", "//nobody:wrong@");
    const cache = openCache({ location, tls: { ca: certificates.ca } });
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(ServerRefusedError);
  });
});
