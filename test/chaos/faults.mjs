import { Random } from "./random.mjs";

/**
 * The targets of faults.
 *
 * @typedef {object} Victims
 * @property {import("cachewell/testing").RedisServer} server the server behind all caches
 * @property {import("cachewell/testing").FaultProxy} proxy what most of them reach it by
 * @property {(ms: number) => Promise<void>} sleep ends early when the run is ended early
 * @property {() => void} dataLost called before, and after, what the server keeps goes
 */

/**
 * A fault as drawn. `ms` is how long it lasts; 0 for a fault that happens in a moment.
 *
 * @typedef {{ readonly kind: string, readonly ms: number, readonly numbers: Readonly<Record<string, number>> }} DrawnFault
 */

/**
 * A healthy stretch, and the faults that follow it, one on top of the other, until `heal`.
 *
 * @typedef {{ readonly healthyMs: number, readonly faults: readonly DrawnFault[] }} Step
 */

/**
 * @typedef {object} FaultKind
 * @property {readonly [number, number]} lasts the bounds of `ms`
 * @property {(random: Random) => Record<string, number>} [draw] draws its numbers
 * @property {(victims: Victims, fault: DrawnFault) => void | Promise<void>} begin does it
 * @property {(victims: Victims, fault: DrawnFault) => void | Promise<void>} [end] undoes it
 */

/** @type {(kind: "blackhole" | "half-open" | "refuse" | "reset" | "garbage") => FaultKind} */
const ofProxy = (kind) => ({
  lasts: [50, 1_200],
  begin: ({ proxy }) => proxy.inject({ kind }),
});

/** @type {Readonly<Record<string, FaultKind>>} */
const kinds = {
  blackhole: ofProxy("blackhole"),
  "half-open": ofProxy("half-open"),
  refuse: ofProxy("refuse"),
  reset: ofProxy("reset"),
  garbage: ofProxy("garbage"),
  latency: {
    lasts: [50, 1_500],
    draw: (random) => ({ ms: random.whole(1, 450), jitterMs: random.whole(0, 450) }),
    begin: ({ proxy }, { numbers: { ms = 0, jitterMs = 0 } }) =>
      proxy.inject({ kind: "latency", ms, jitterMs }),
  },
  cut: {
    lasts: [50, 1_000],
    draw: (random) => ({ afterBytes: random.whole(0, random.chance(0.5) ? 100 : 100_000) }),
    begin: ({ proxy }, { numbers: { afterBytes = 0 } }) =>
      proxy.inject({ kind: "cut", afterBytes }),
  },
  drip: {
    lasts: [50, 1_200],
    draw: (random) => ({ bytes: random.whole(1, 4_096), everyMs: random.whole(1, 20) }),
    begin: ({ proxy }, { numbers: { bytes = 1, everyMs = 1 } }) =>
      proxy.inject({ kind: "drip", bytes, everyMs }),
  },
  disconnect: { lasts: [0, 0], begin: ({ proxy }) => proxy.disconnect() },
  freeze: {
    lasts: [50, 2_000],
    begin: ({ server }) => server.freeze(),
    end: ({ server }) => server.thaw(),
  },
  kill: {
    lasts: [0, 1_000],
    begin: ({ server, dataLost }) => {
      dataLost();
      return server.kill();
    },
    end: async ({ server, dataLost }) => {
      await server.restart();
      dataLost();
    },
  },
  busy: {
    lasts: [200, 1_200],
    begin: ({ server }, { ms }) => server.busy(ms),
    end: ({ server }) => server.endBusy(),
  },
  "out-of-memory": {
    lasts: [50, 1_500],
    begin: ({ server }) => server.limitMemory(1),
    end: ({ server }) => server.limitMemory(0),
  },
  "client-kill": {
    lasts: [0, 0],
    begin: ({ server }) => discard(server.cli("CLIENT", "KILL", "TYPE", "normal")),
  },
  "client-pause": {
    lasts: [50, 1_200],
    begin: ({ server }, { ms }) => discard(server.cli("CLIENT", "PAUSE", `${ms}`, "ALL")),
  },
  "script-flush": {
    lasts: [0, 0],
    begin: ({ server }) => discard(server.cli("SCRIPT", "FLUSH")),
  },
  "flush-all": {
    lasts: [0, 0],
    begin: async ({ server, dataLost }) => {
      dataLost();
      await server.cli("FLUSHALL");
      dataLost();
    },
  },
};

const proxyKinds = [
  "blackhole",
  "half-open",
  "refuse",
  "reset",
  "garbage",
  "latency",
  "cut",
  "drip",
];

/** The names of all kinds of faults. */
export const faultKinds = Object.keys(kinds);

/** The share of healthy stretches that are long: all caches must recover in them. */
const longStretchShare = 0.35;
const longStretchMs = /** @type {const} */ ([2_300, 4_000]);
const stretchMs = /** @type {const} */ ([50, 1_500]);

/** The share of faults of the proxy that follow another without a `heal` between. */
const followedShare = 0.3;

/** Draws the steps of a run. The same seed gives the same steps. Each kind comes once before any comes again. */
export class FaultSchedule {
  #random;
  /** @type {string[]} */
  #bag = [];

  /** @param {number} seed */
  constructor(seed) {
    this.#random = new Random(seed);
  }

  /** @returns {Step} */
  next() {
    const random = this.#random;
    const [least, most] = random.chance(longStretchShare) ? longStretchMs : stretchMs;
    const healthyMs = random.whole(least, most);
    const faults = [this.#draw(this.#nextKind())];
    while (isOfProxy(faults.at(-1)) && random.chance(followedShare)) {
      faults.push(this.#draw(random.pick(proxyKinds)));
    }
    return { healthyMs, faults };
  }

  #nextKind() {
    if (this.#bag.length === 0) this.#bag = this.#random.shuffled(faultKinds);
    return this.#bag.pop() ?? "disconnect"; // never empty here
  }

  /**
   * @param {string} kind
   * @returns {DrawnFault}
   */
  #draw(kind) {
    const { lasts, draw } = kindOf(kind);
    const ms = this.#random.whole(...lasts);
    return { kind, ms, numbers: draw?.(this.#random) ?? {} };
  }
}

/**
 * Starts the fault, and ends it after its time; a fault of the proxy stays in force until `heal`.
 *
 * @param {Victims} victims
 * @param {DrawnFault} fault
 */
export async function playFault(victims, fault) {
  const { begin, end } = kindOf(fault.kind);
  try {
    await begin(victims, fault);
    await victims.sleep(fault.ms);
  } finally {
    await end?.(victims, fault);
  }
}

/**
 * Ends the faults of the proxy, and waits until the server answers.
 *
 * @param {Victims} victims
 */
export async function heal({ server, proxy }) {
  proxy.heal();
  await server.cli("PING"); // a pause is over once it answers
}

/** @param {DrawnFault | undefined} fault */
function isOfProxy(fault) {
  return fault !== undefined && proxyKinds.includes(fault.kind);
}

/**
 * @param {string} name
 * @returns {FaultKind}
 */
function kindOf(name) {
  const kind = kinds[name];
  if (!kind) throw new Error(`There is no fault "${name}".`);
  return kind;
}

/** @param {Promise<unknown>} work */
async function discard(work) {
  await work;
}
