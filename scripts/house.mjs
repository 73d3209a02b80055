/**
 * The house as data: its rings and rooms, and what each may import. `.dependency-cruiser.mjs` makes rules of it, and
 * `architecture.mjs` draws it.
 *
 * @typedef {object} Place
 * @property {string} name a folder
 * @property {readonly string[]} mayImport its neighbours further in, which stand before it in the list
 * @property {string} holds what lies there, for people
 */

/**
 * The folders of `src`, inner first.
 *
 * @type {readonly Place[]}
 */
export const rings = [
  { name: "kit", mayImport: [], holds: "small pure tools, without I/O" },
  {
    name: "contracts",
    mayImport: ["kit"],
    holds: "the words: what users see, and what parts promise to each other",
  },
  {
    name: "checks",
    mayImport: ["kit", "contracts"],
    holds: "the checks of options and arguments, for every ring further out",
  },
  {
    name: "wire",
    mayImport: ["kit", "contracts"],
    holds: "errors as plain data, for other threads and processes",
  },
  {
    name: "keys",
    mayImport: ["kit", "contracts", "checks"],
    holds: "stored keys and their layouts",
  },
  {
    name: "codec",
    mayImport: ["kit", "contracts", "checks"],
    holds: "values to bytes and back: serializers, compressors, the envelope",
  },
  {
    name: "drivers",
    mayImport: ["kit", "contracts", "checks"],
    holds: "a folder per backend; they do not know each other",
  },
  {
    name: "cache",
    mayImport: ["kit", "contracts", "checks", "keys", "codec"],
    holds: "how the parts of a cache work together",
  },
  {
    name: "sessions",
    mayImport: ["kit", "contracts", "checks", "keys", "codec"],
    holds: "sessions over a cache",
  },
];

/** The folders outside the front door. They enter by it. */
export const doors = [
  "adapters",
  "django",
  "privex",
  "sync",
  "cli",
  "inspector",
  "telemetry",
  "http",
  "testing",
];

/** What doors may import, as patterns of paths. */
export const waysIn = [
  "^src/index[.]ts$",
  "^src/sessions/index[.]ts$",
  "^src/drivers/[^/]+/index[.]ts$",
  "^src/(contracts|checks|kit|wire)/",
];

/** The doors that bring a codec or a key layout of their own, and so assemble caches themselves. */
export const assemblingDoors = ["django", "privex", "sync"];

/** Folders that siblings may import: what several drivers, or several adapters, have in common. */
export const sharedBySiblings = [
  "drivers/in-process",
  "adapters/http-session",
  "adapters/fetch-session",
];

/**
 * The rooms of folders that have them, inner first. Files beside the rooms wire them; no room imports those.
 *
 * @type {Readonly<Record<string, readonly Place[]>>}
 */
export const rooms = {
  cache: [
    {
      name: "values",
      mayImport: [],
      holds: "the one read and the one write, and their order",
    },
    {
      name: "calls",
      mayImport: ["values"],
      holds: "what every call passes: the guard, events and figures, opening and closing",
    },
    {
      name: "options",
      mayImport: ["calls", "values"],
      holds: "the options of a cache and of its calls, resolved",
    },
    {
      name: "near",
      mayImport: ["calls", "values", "options"],
      holds: "values near the caller, in front of those in the store",
    },
    {
      name: "read-through",
      mayImport: ["calls", "values", "options"],
      holds: "getOrSet and memoize: loads, and who waits for them",
    },
    { name: "locks", mayImport: ["calls", "options"], holds: "locks across processes" },
    {
      name: "tags",
      mayImport: ["calls", "values", "options"],
      holds: "entries removed by their tags",
    },
  ],
  "drivers/redis": [
    { name: "location", mayImport: [], holds: "what a location means" },
    {
      name: "commands",
      mayImport: [],
      holds: "commands, their reply types and scripts, and the executor that bounds them",
    },
    {
      name: "connection",
      mayImport: ["location", "commands"],
      holds: "one connection to one server: opening, watching, losing it; the client library",
    },
    {
      name: "topology",
      mayImport: ["location", "commands", "connection"],
      holds: "which server a command travels to",
    },
    { name: "reading", mayImport: ["commands"], holds: "reads that travel together" },
    {
      name: "tracking",
      mayImport: ["location", "commands", "connection", "topology"],
      holds: "the keys that the server reports as changed",
    },
    {
      name: "stores",
      mayImport: ["commands", "reading"],
      holds: "store, records, locker and index, and the text of their scripts",
    },
    {
      name: "clients",
      mayImport: ["commands", "connection"],
      holds: "clients that the user brings",
    },
  ],
};

/** The only files that import the near cache: nobody else knows that a value is near. */
export const nearWiring = ["^src/cache/near/", "^src/assemble[.]ts$"];

/** The most files beside the rooms of a folder; tests do not count. */
export const mostFlatFiles = { "src/cache": 9, "src/drivers/redis": 4 };

/** The most lines of a source file; tests have no limit. */
export const mostLines = 300;

/**
 * The run-time dependencies, each with the folders that may import it.
 *
 * @type {readonly { name: string, importedIn: readonly string[] }[]}
 */
export const packages = [
  { name: "@redis/client", importedIn: ["src/drivers/redis"] },
  { name: "msgpackr", importedIn: ["src/codec/serializers"] },
  { name: "lru-cache", importedIn: ["src/drivers/memory", "src/kit"] },
];
