import type { Encoded } from "../../contracts/serializer.ts";
import type {
  CountFailure,
  CountRules,
  Deletion,
  Store,
  WriteEntry,
  WriteRules,
} from "../../contracts/store.ts";

/**
 * A store that keeps nothing, for development and tests.
 *
 * Each verb answers as an empty store would, and a write says that it wrote, as Django's dummy cache does.
 */
export class DummyStore implements Store {
  readonly name = "dummy";

  async get(): Promise<undefined> {}

  async getMany(keys: readonly string[]): Promise<(Encoded | undefined)[]> {
    return keys.map(() => undefined);
  }

  async set(_key: string, _bytes: Encoded, rules: WriteRules): Promise<boolean> {
    return rules.condition !== "present";
  }

  async setMany(entries: readonly WriteEntry[]): Promise<readonly boolean[]> {
    return entries.map(({ rules }) => rules.condition !== "present");
  }

  async take(): Promise<undefined> {}

  async has(): Promise<boolean> {
    return false;
  }

  async delete(): Promise<Deletion> {
    return { deleted: 0, failed: new Map() };
  }

  async count(_key: string, delta: bigint, rules: CountRules): Promise<bigint | CountFailure> {
    return rules.createWith ? delta : "absent";
  }

  async expire(): Promise<boolean> {
    return false;
  }

  async expireAt(): Promise<boolean> {
    return false;
  }

  async persist(): Promise<boolean> {
    return false;
  }

  async remainingMs(): Promise<number> {
    return 0;
  }

  async rename(): Promise<boolean> {
    return false;
  }

  async *scan(): AsyncIterable<readonly string[]> {}

  async flush(): Promise<void> {}

  async ping(): Promise<void> {}
}
