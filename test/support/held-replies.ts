import { connect } from "node:net";
import { startedTcp } from "./servers.ts";

/** A proxy before a server, which can hold back the answers to all but the connections that are told of changes. */
export interface HeldReplies {
  readonly url: string;
  /** Holds back what the server answers from now on. */
  hold(): void;
  /** Passes on what was held back, and all that follows. */
  release(): void;
}

/** Starts such a proxy, until the test is over. */
export async function startedHeldReplies(port: number): Promise<HeldReplies> {
  const held: (() => void)[] = [];
  let isHolding = false;
  const listening = await startedTcp((client) => {
    const server = connect({ port, host: "127.0.0.1", noDelay: true });
    client.setNoDelay();
    let isTracking = false;
    client.on("data", (bytes) => {
      isTracking ||= bytes.includes("TRACKING");
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (isHolding && !isTracking) held.push(() => client.write(bytes));
      else client.write(bytes);
    });
    server.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => server.destroy());
  });
  return {
    url: `redis://127.0.0.1:${listening}/0`,
    hold() {
      isHolding = true;
    },
    release() {
      isHolding = false;
      for (const pass of held.splice(0)) pass();
    },
  };
}
