import { isSessionId } from "../../sessions/index.ts";
import { readCookies } from "./cookie-header.ts";
import type { CookieRules } from "./options.ts";
import { isSignedWith, sign } from "./signature.ts";

/** The session cookie of a request. */
export interface Presented {
  /** The id in a well-formed and correctly signed cookie; only the store knows whether a session has it. */
  readonly id: string | undefined;
  /** Whether there is any cookie of that name. */
  readonly isPresent: boolean;
  /** Whether to sign the cookie again: its secret is not the first of the list. */
  readonly isStale: boolean;
}

/** How long a cookie lasts: in milliseconds, or until the browser closes. */
export type CookieLifetime = number | "browser";

/** Reads and writes the session cookie. */
export class SessionCookie {
  readonly #rules: CookieRules;

  constructor(rules: CookieRules) {
    this.#rules = rules;
  }

  /** Reads the cookie from a `Cookie` header; of several by that name, the first valid one. */
  read(header: string | undefined): Presented {
    const values = readCookies(header, this.#rules.name);
    for (const value of values) {
      const found = this.#open(value);
      if (found) return { ...found, isPresent: true };
    }
    return { id: undefined, isPresent: values.length > 0, isStale: false };
  }

  /** Returns the `Set-Cookie` header that stores an id in the browser. */
  write(id: string, lifetime: CookieLifetime, isSecureRequest: boolean): string {
    const { name, secrets } = this.#rules;
    const [secret] = secrets;
    const value = secret === undefined ? id : `${id}.${sign(name, id, secret)}`;
    return `${name}=${value}${lasting(lifetime)}${this.#attributes(isSecureRequest)}`;
  }

  /** Returns the `Set-Cookie` header that removes the cookie. */
  clear(isSecureRequest: boolean): string {
    const past = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    return `${this.#rules.name}=${past}${this.#attributes(isSecureRequest)}`;
  }

  #open(value: string): Omit<Presented, "isPresent"> | undefined {
    const { name, secrets } = this.#rules;
    if (secrets.length === 0) {
      // Checked here, so that an invalid cookie does not hide a valid one behind it.
      return isSessionId(value) ? { id: value, isStale: false } : undefined;
    }
    const at = value.indexOf(".");
    if (at === -1) return undefined;
    const cookie = { name, value: value.slice(0, at), signature: value.slice(at + 1) };
    const signer = secrets.findIndex((secret) => isSignedWith(secret, cookie));
    return signer === -1 ? undefined : { id: cookie.value, isStale: signer > 0 };
  }

  #attributes(isSecureRequest: boolean): string {
    const { path, domain, secure, sameSite, httpOnly, partitioned } = this.#rules;
    const isSecure = secure === "auto" ? isSecureRequest : secure;
    return [
      domain === undefined ? "" : `; Domain=${domain}`,
      `; Path=${path}`,
      httpOnly ? "; HttpOnly" : "",
      isSecure ? "; Secure" : "",
      `; SameSite=${sameSiteNames[sameSite]}`,
      partitioned ? "; Partitioned" : "",
    ].join("");
  }
}

const sameSiteNames = { lax: "Lax", strict: "Strict", none: "None" } as const;

function lasting(lifetime: CookieLifetime): string {
  if (lifetime === "browser") return "";
  const seconds = Math.max(1, Math.ceil(lifetime / 1_000));
  const expires = new Date(Date.now() + seconds * 1_000);
  return `; Max-Age=${seconds}; Expires=${expires.toUTCString()}`;
}
