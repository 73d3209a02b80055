import type { TestProject } from "vitest/node";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";

/** The one Redis that all integration tests share; `fresh.ts` shares it out. */
export interface SharedRedis {
  readonly port: number;
  readonly socketPath: string;
  readonly databases: number;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly sharedRedis: SharedRedis;
  }
}

const databases = 64;

let server: RedisServer | undefined;

export async function setup(project: TestProject): Promise<void> {
  server = await startRedisServer({ args: ["--databases", `${databases}`] });
  const { port, socketPath } = server;
  project.provide("sharedRedis", { port, socketPath, databases });
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
