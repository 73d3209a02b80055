import { describe, expect, test } from "vitest";
import { type Lookup, sharedLookup } from "./shared-lookup.ts";

type Asked = Parameters<Lookup>;

function slowResolver() {
  const asked: Asked[] = [];
  const lookUp = sharedLookup((...question) => void asked.push(question));
  const told: unknown[][] = [];
  const ask = (name: string, options = { all: true }): void =>
    lookUp(name, options, (...answer) => void told.push(answer));
  return { asked, told, ask };
}

describe("a shared lookup", () => {
  test("asks once for all who want the same name, and tells all of them", () => {
    const { asked, told, ask } = slowResolver();
    for (let time = 0; time < 10; time++) ask("redis.example.org");
    expect(asked).toHaveLength(1);
    const addresses = [{ address: "10.0.0.1", family: 4 }];
    asked[0]?.[2](null, addresses);
    expect(told).toEqual(Array.from({ length: 10 }, () => [null, addresses]));
  });

  test("asks anew once it has been answered, and tells of failures as well", () => {
    const { asked, told, ask } = slowResolver();
    ask("redis.example.org");
    const error = new Error("getaddrinfo EAI_AGAIN");
    asked[0]?.[2](error, []);
    ask("redis.example.org");
    expect([asked.length, told]).toEqual([2, [[error, []]]]);
  });

  test("keeps names, and ways to ask for them, apart", () => {
    const { asked, ask } = slowResolver();
    ask("one.example.org");
    ask("other.example.org");
    ask("one.example.org", { all: false });
    expect(asked.map(([name]) => name)).toEqual([
      "one.example.org",
      "other.example.org",
      "one.example.org",
    ]);
  });

  test("looks names up for real", async () => {
    const answer = await new Promise((resolve) => {
      sharedLookup()("localhost", { all: true }, (_error, addresses) => resolve(addresses));
    });
    expect(answer).toContainEqual({ address: "127.0.0.1", family: 4 });
  });
});
