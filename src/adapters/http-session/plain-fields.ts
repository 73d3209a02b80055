type Fields = Record<string, unknown>;

/**
 * Returns the fields of an object that can be stored, in an object of its own: not `undefined`, not
 * functions, and not `__proto__`, which would set the prototype of whatever it is copied to.
 */
export function plainFields(object: object): Fields {
  const fields = object as Readonly<Fields>; // any object may be asked for any name
  const plain: Fields = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined || typeof value === "function" || name === "__proto__") continue;
    plain[name] = value;
  }
  return plain;
}

/** Returns the fields of a session object that can be stored, its cookie as in JSON. */
export function plainSession(session: object): Fields {
  const plain = plainFields(session);
  const cookie = cookieJson(plain["cookie"]);
  if (cookie) plain["cookie"] = plainFields(cookie);
  return plain;
}

/** Returns the fields that a session package's cookie has in JSON; `undefined` for what is no object. */
export function cookieJson(cookie: unknown): object | undefined {
  if (typeof cookie !== "object" || cookie === null) return undefined;
  if (!("toJSON" in cookie) || typeof cookie.toJSON !== "function") return cookie;
  return cookie.toJSON() as object; // as in every package
}
