import type { Destruction, MemberIndex, RecordStore } from "../../contracts/records.ts";

/** Records that are not kept: each verb answers as an empty store would, and creating says that it did. */
export class DummyRecords implements RecordStore {
  async load(): Promise<undefined> {}

  async create(): Promise<boolean> {
    return true;
  }

  async update(): Promise<boolean> {
    return false;
  }

  async put(): Promise<void> {}

  async touch(): Promise<boolean> {
    return false;
  }

  async move(): Promise<boolean> {
    return false;
  }

  async *keys(): AsyncIterable<readonly string[]> {}

  async destroy(): Promise<Destruction> {
    return { destroyed: false };
  }
}

/** An index that keeps nothing. */
export class DummyIndex implements MemberIndex {
  async add(): Promise<void> {}

  async remove(): Promise<void> {}

  async members(): Promise<readonly string[]> {
    return [];
  }
}
