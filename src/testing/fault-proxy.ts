import { once } from "node:events";
import { createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { requireWhole } from "../kit/whole-number.ts";
import { type Fault, requireFault } from "./faults.ts";
import { FaultyConnection } from "./faulty-connection.ts";

/** The server behind a fault proxy. A `RedisServer` will do as it is: by TCP where it has a port. */
export type FaultProxyTarget =
  | {
      readonly port: number;
      /** @default "127.0.0.1" */
      readonly host?: string;
    }
  | { readonly socketPath: string };

/**
 * A TCP proxy on 127.0.0.1 between clients and a server, which does to the connections what a bad
 * network does.
 *
 * There is always one {@link Fault} in force, at first "pass". A connection from which bytes
 * vanished ("blackhole", "half-open") passes nothing once that fault is over, after `heal` neither:
 * a stream with a hole in it is worth nothing. New connections are fine then.
 *
 * A server that does not listen shows as a connection that is accepted, and then reset.
 */
export interface FaultProxy {
  readonly port: number;
  /** How many connections were ever accepted, those included which "refuse" reset at once. */
  readonly accepted: number;
  /** How many connections clients have open now. */
  readonly open: number;
  /** The fault in force. */
  readonly fault: Fault;

  /** Returns a location: `redis://127.0.0.1:port/db`. */
  url(db?: number): string;

  /**
   * Puts a fault in force, for the connections there are and those to come. It also decides about
   * replies that the last one still held back.
   *
   * @throws TypeError for a kind that there is not, or numbers that cannot be meant
   */
  inject(fault: Fault): void;

  /** The same as `inject({ kind: "pass" })`. */
  heal(): void;

  /** Resets (RST) every connection there is. New ones are as the fault in force has it. */
  disconnect(): void;

  /** Resets every connection, and accepts no more. Calling it again does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy on a free port of 127.0.0.1. It keeps this process alive until it is stopped.
 *
 * @throws TypeError when the target names neither a port nor a socket
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
    for (const connection of this.#connections) connection.suffer(fault);
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
