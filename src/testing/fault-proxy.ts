import { once } from "node:events";
import { createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { requireWhole } from "../checks/require.ts";
import { type Fault, requireFault } from "./faults.ts";
import { FaultyConnection } from "./faulty-connection.ts";

/** The server behind a fault proxy. A `RedisServer` fits: the proxy uses its port if it has one, else its socket. */
export type FaultProxyTarget =
  | {
      readonly port: number;
      /** @default "127.0.0.1" */
      readonly host?: string;
    }
  | { readonly socketPath: string };

/**
 * A TCP proxy on 127.0.0.1 between clients and a server, which injects the faults of a bad network.
 *
 * Exactly one {@link Fault} is in force, at first "pass". A connection that has lost bytes
 * ("blackhole", "half-open") stays silent after that fault, even after `heal`, because its stream has
 * a gap. New connections work again.
 *
 * If the server does not listen, the proxy accepts a connection and then resets it.
 */
export interface FaultProxy {
  readonly port: number;
  /** The number of connections accepted so far, including those that "refuse" reset at once. */
  readonly accepted: number;
  /** The number of connections that clients have open now. */
  readonly open: number;
  /** The fault in force. */
  readonly fault: Fault;

  /** Returns the proxy's location: `redis://127.0.0.1:port/db`. */
  url(db?: number): string;

  /**
   * Replaces the fault in force, for existing and new connections. The new fault also applies to
   * replies that the previous one still delays.
   *
   * @throws TypeError for an unknown kind or an invalid number
   */
  inject(fault: Fault): void;

  /** Short for `inject({ kind: "pass" })`. */
  heal(): void;

  /** Resets (RST) every open connection. The fault in force applies to new ones. */
  disconnect(): void;

  /** Resets every connection, and accepts no new ones. Calling it again does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy on a free port of 127.0.0.1. It keeps this process alive until `stop`.
 *
 * @throws TypeError if the target has neither a port nor a socket
 */
export async function startFaultProxy(target: FaultProxyTarget): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(addressOf(target));
  await proxy.listen();
  return proxy;
}

function addressOf(target: FaultProxyTarget): NetConnectOpts {
  if ("port" in target && target.port !== 0) {
    return { host: target.host ?? "127.0.0.1", port: requireWhole("port", target.port, 1, 65_535) };
  }
  if ("socketPath" in target && typeof target.socketPath === "string") {
    return { path: target.socketPath };
  }
  throw new TypeError("A fault proxy needs the port or the socketPath of a server.");
}

class TcpFaultProxy implements FaultProxy {
  readonly #target: NetConnectOpts;
  readonly #connections = new Set<FaultyConnection>();
  readonly #listener: Server = createServer({ allowHalfOpen: true }, (client) =>
    this.#accept(client),
  );
  #port = 0;
  #accepted = 0;
  #fault: Fault = { kind: "pass" };
  #stopped: Promise<void> | undefined;

  constructor(target: NetConnectOpts) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get open(): number {
    return [...this.#connections].filter(({ isOpen }) => isOpen).length;
  }

  get fault(): Fault {
    return this.#fault;
  }

  url(db: number = 0): string {
    return `redis://127.0.0.1:${this.#port}/${db}`;
  }

  async listen(): Promise<void> {
    this.#listener.listen(0, "127.0.0.1");
    await once(this.#listener, "listening");
    const address = this.#listener.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  inject(fault: Fault): void {
    this.#fault = requireFault(fault);
    for (const connection of this.#connections) connection.applyFault(fault);
  }

  heal(): void {
    this.inject({ kind: "pass" });
  }

  disconnect(): void {
    for (const connection of this.#connections) connection.reset();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    const ended = once(this.#listener, "close");
    this.#listener.close();
    this.disconnect();
    await Promise.all([ended, ...Array.from(this.#connections, ({ closed }) => closed)]);
  }

  #accept(client: Socket): void {
    this.#accepted++;
    if (this.#fault.kind === "refuse") {
      client.on("error", () => undefined).resetAndDestroy();
      return;
    }
    const connection = new FaultyConnection(client, this.#target, this.#fault);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}
