import { describe, expect, test } from "vitest";
import { isRedisLocation, parseRedisLocation, type RedisAddress } from "./location.ts";

function tcp(host: string, port = 6379, tls = false): RedisAddress["socket"] {
  return { host, port, tls };
}

const unix = (path: string): RedisAddress["socket"] => ({ path });

const rows: readonly (readonly [string, RedisAddress])[] = [
  ["redis://localhost", { socket: tcp("localhost"), database: 0 }],
  ["redis://localhost/", { socket: tcp("localhost"), database: 0 }],
  ["redis://localhost:7000/15", { socket: tcp("localhost", 7000), database: 15 }],
  ["redis://host:80", { socket: tcp("host", 80), database: 0 }],
  ["rediss://host:443", { socket: tcp("host", 443, true), database: 0 }],
  ["valkey://host", { socket: tcp("host"), database: 0 }],
  ["valkeys://host", { socket: tcp("host", 6379, true), database: 0 }],
  ["RediS://host", { socket: tcp("host"), database: 0 }],
  ["redis://[::1]", { socket: tcp("::1"), database: 0 }],
  ["redis://[fe80::1]:1/2", { socket: tcp("fe80::1", 1), database: 2 }],
  ["redis://my_host.internal", { socket: tcp("my_host.internal"), database: 0 }],
  ["redis://host?db=3", { socket: tcp("host"), database: 3 }],
  ["redis://host/1?db=3", { socket: tcp("host"), database: 3 }],
  ["redis://host/1?db=", { socket: tcp("host"), database: 0 }],
  ["redis://host/007", { socket: tcp("host"), database: 7 }],
  ["redis://u@host", { socket: tcp("host"), username: "u", database: 0 }],
  ["redis://:p@host", { socket: tcp("host"), password: "p", database: 0 }],
  ["redis://u:@host", { socket: tcp("host"), username: "u", database: 0 }],
  ["redis://u:p:q@host", { socket: tcp("host"), username: "u", password: "p:q", database: 0 }],
  ["redis://u:p@q@host", { socket: tcp("host"), username: "u", password: "p@q", database: 0 }],
  [
    "redis://%75%3A:%40%2F%3F%23%25%20%C3%A9@host",
    { socket: tcp("host"), username: "u:", password: "@/?#% é", database: 0 },
  ],
  ["redis://u:a+b@host", { socket: tcp("host"), username: "u", password: "a+b", database: 0 }],
  ["unix:///run/redis.sock", { socket: unix("/run/redis.sock"), database: 0 }],
  ["unix:///run/redis.sock?db=2", { socket: unix("/run/redis.sock"), database: 2 }],
  ["unix:///a%20b%23c", { socket: unix("/a b#c"), database: 0 }],
  ["unix:///a@b/c.sock", { socket: unix("/a@b/c.sock"), database: 0 }],
  ["unix:///a:b/c.sock", { socket: unix("/a:b/c.sock"), database: 0 }],
  ["UNIX:///a", { socket: unix("/a"), database: 0 }],
  ["unix:///Some/Path.SOCK", { socket: unix("/Some/Path.SOCK"), database: 0 }],
  [
    "unix://u:p%40q@/run/redis.sock?db=1",
    { socket: unix("/run/redis.sock"), username: "u", password: "p@q", database: 1 },
  ],
];

describe("a Redis location", () => {
  test.each(rows)("%s", (location, address) => {
    expect(parseRedisLocation(location)).toEqual(address);
  });

  test.each(["redis://h", "REDISS://h", "valkey:", "valkeys://", "unix:///p"])(
    "%s is one",
    (location) => {
      expect(isRedisLocation(location)).toBe(true);
    },
  );

  test.each([
    "",
    "memory:",
    "dummy:",
    "http://h",
    "redis",
    "redis+cluster://h",
    "xredis://h",
    "/redis:",
  ])("%j is none", (location) => {
    expect(isRedisLocation(location)).toBe(false);
  });
});
