/**
 * The part of the peers' types that the benches call. The peers are installed by `npm run bench` alone; with these
 * declarations `npm run check` does not need them. An ambient module also wins over an installed one, so the check
 * finds the same on every machine. `@redis/client`, `express` and `express-session` are not here: this package
 * depends on them, or tests with them, in the same versions.
 */

declare module "ioredis6" {
  export class Redis {
    constructor(url: string, options?: { readonly enableAutoPipelining?: boolean });
    on(event: "error", listener: (error: Error) => void): this;
    ping(): Promise<string>;
    get(key: string): Promise<string | null>;
    set(key: string, text: string, unit: "PX", ttlMs: number): Promise<"OK">;
    incr(key: string): Promise<number>;
  }
}

declare module "ioredis" {
  export class Redis {
    constructor(url: string);
    disconnect(): void;
  }
}

declare module "bentocache" {
  interface Layer {
    readonly options: unknown;
    factory(options: never): unknown;
  }
  class BentoStore {
    useL1Layer(driver: Layer): this;
    useL2Layer(driver: Layer): this;
  }
  export function bentostore(): BentoStore;
  export class BentoCache {
    constructor(options: {
      readonly default: string;
      readonly stores: Readonly<Record<string, BentoStore>>;
      readonly ttl: number;
    });
    get(options: { readonly key: string }): Promise<unknown>;
    set(options: { readonly key: string; readonly value: unknown }): Promise<boolean>;
  }
}

declare module "bentocache/drivers/memory" {
  import type { Layer } from "bentocache";
  export function memoryDriver(options: { readonly maxItems: number }): Layer;
}

declare module "bentocache/drivers/redis" {
  import type { Layer } from "bentocache";
  import type { Redis } from "ioredis";
  export function redisDriver(options: { readonly connection: Redis }): Layer;
}

declare module "@keyv/redis" {
  export default class KeyvRedis {
    constructor(url: string);
    readonly namespace?: string;
  }
}

declare module "keyv" {
  import type KeyvRedis from "@keyv/redis";
  export class Keyv {
    constructor(options: { readonly store: KeyvRedis });
    readonly opts: unknown;
  }
}

declare module "cache-manager" {
  import type { Keyv } from "keyv";
  export function createCache(options: {
    readonly stores: readonly Keyv[];
    readonly ttl: number;
  }): {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown): Promise<unknown>;
  };
}

declare module "cacheable" {
  import type { Keyv } from "keyv";
  export class Cacheable {
    constructor(options: { readonly primary: Keyv; readonly ttl: number });
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown): Promise<boolean>;
  }
}

declare module "connect-redis" {
  import type { Store } from "express-session";
  export class RedisStore extends Store {
    constructor(options: { readonly client: unknown });
    get: Store["get"];
    set: Store["set"];
    destroy: Store["destroy"];
  }
}

declare module "redis" {
  export { createClient } from "@redis/client";
}
