// The rules of the house in scripts/house.mjs, for dependency-cruiser. Imports of types count as all others.
import {
  assemblingDoors,
  doors,
  nearWiring,
  packages,
  rings,
  rooms,
  sharedBySiblings,
  waysIn,
} from "./scripts/house.mjs";

const aTest = "[.]test[.]ts$";

const ringRules = rings.map(({ name, mayImport }) => ({
  name: `${name}-may-import-only-[${mayImport.join(",")}]`,
  severity: "error",
  from: { path: `^src/${name}/`, pathNot: aTest },
  to: { path: "^src/", pathNot: `^src/(${[name, ...mayImport].join("|")})/` },
}));

const roomRules = Object.entries(rooms).flatMap(([folder, places]) =>
  places.map(({ name, mayImport }) => ({
    name: `${folder}/${name}-may-import-beside-it-only-[${mayImport.join(",")}]`,
    severity: "error",
    from: { path: `^src/${folder}/${name}/`, pathNot: aTest },
    to: {
      path: `^src/${folder}/`,
      pathNot: `^src/${folder}/(${[name, ...mayImport].join("|")})/`,
    },
  })),
);

const packageRules = packages.map(({ name, importedIn }) => ({
  name: `only-[${importedIn.join(",")}]-may-import-${name}`,
  severity: "error",
  from: { path: "^src/", pathNot: `^(${importedIn.join("|")})/` },
  to: { path: `node_modules/${name}/` },
}));

export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...ringRules,
    ...roomRules,
    ...packageRules,
    {
      name: "siblings-do-not-know-each-other",
      severity: "error",
      from: { path: "^src/(drivers|adapters)/([^/]+)/" },
      to: {
        path: "^src/$1/",
        pathNot: ["^src/$1/$2/", `^src/(${sharedBySiblings.join("|")})/`],
      },
    },
    {
      name: "only-the-wiring-knows-the-near-cache",
      severity: "error",
      from: { path: "^src/", pathNot: [aTest, ...nearWiring] },
      to: { path: "^src/cache/near/" },
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
      to: { path: "^src/", pathNot: ["^src/$1/", "^src/assemble[.]ts$", ...waysIn] },
    },
    {
      name: "only-doors-with-a-codec-of-their-own-assemble",
      severity: "error",
      from: {
        path: `^src/(${doors.join("|")})/`,
        pathNot: [aTest, `^src/(${assemblingDoors.join("|")})/`],
      },
      to: { path: "^src/assemble[.]ts$" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
