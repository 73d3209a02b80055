import { createRequire } from "node:module";

/** An optional package that a compressor is made of is not there, or does not load. */
export class MissingPackageError extends Error {
  override readonly name = "MissingPackageError";

  constructor(packageName: string, cause: unknown) {
    super(`the optional package ${packageName} does not load; npm install ${packageName}`, {
      cause,
    });
  }
}

/** Returns what an optional package exports, or throws a {@link MissingPackageError}. */
export function requireOptionalPackage(packageName: string): unknown {
  try {
    return createRequire(import.meta.url)(packageName);
  } catch (cause) {
    throw new MissingPackageError(packageName, cause);
  }
}
