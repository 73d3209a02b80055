// One line per ring, inner first: [folder, folders it may import].
const rings = [
  ["kit", []],
  ["contracts", ["kit"]],
  ["keys", ["contracts", "kit"]],
  ["codec", ["contracts", "kit"]],
  ["drivers", ["contracts", "kit"]],
  ["cache", ["contracts", "kit", "keys", "codec"]],
  ["sessions", ["contracts", "kit", "keys", "codec"]],
];

// What stands outside the front door, and the few ways in.
const doors = ["adapters", "django", "privex", "sync", "cli", "inspector", "telemetry", "testing"];
const waysIn = [
  "^src/index[.]ts$",
  "^src/sessions/index[.]ts$",
  "^src/drivers/[^/]+/index[.]ts$",
  "^src/(contracts|kit)/",
];

// One line per run-time dependency: [package, the rooms that may import it].
const packages = [
  ["@redis/client", ["src/drivers/redis"]],
  ["msgpackr", ["src/codec/serializers"]],
  ["lru-cache", ["src/drivers/memory", "src/kit"]],
];

const aTest = "[.]test[.]ts$";

const ringRules = rings.map(([ring, allowed]) => ({
  name: `${ring}-may-import-only-[${allowed.join(",")}]`,
  severity: "error",
  from: { path: `^src/${ring}/`, pathNot: aTest },
  to: { path: "^src/", pathNot: `^src/(${[ring, ...allowed].join("|")})/` },
}));

const packageRules = packages.map(([name, rooms]) => ({
  name: `only-[${rooms.join(",")}]-may-import-${name}`,
  severity: "error",
  from: { path: "^src/", pathNot: `^(${rooms.join("|")})/` },
  to: { path: `node_modules/${name}/` },
}));

export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...ringRules,
    ...packageRules,
    {
      name: "siblings-do-not-know-each-other",
      severity: "error",
      from: { path: "^src/(drivers|adapters)/([^/]+)/" },
      to: { path: "^src/$1/", pathNot: ["^src/$1/$2/", "^src/adapters/http-session/"] },
    },
    {
      name: "the-front-door-knows-no-other-door",
      severity: "error",
      from: { path: "^src/[^/]+[.]ts$", pathNot: aTest },
      to: { path: `^src/(${doors.join("|")})/` },
    },
    {
      name: "doors-enter-by-the-front",
      severity: "error",
      from: { path: `^src/(${doors.join("|")})/`, pathNot: aTest },
      to: { path: "^src/", pathNot: ["^src/$1/", ...waysIn] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
