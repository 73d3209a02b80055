import { ConfigurationError } from "../../contracts/errors.ts";

/** Rejects, since nothing but this process is behind the cache. */
export async function refuseRawClient(location: string): Promise<never> {
  const message = `A "${location}" cache has no client behind it; rawClient() needs a Redis location.`;
  throw new ConfigurationError("location", message);
}
