/** What a browser makes of a `Set-Cookie` header. */
interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
  /** Unix milliseconds; endless for a cookie that ends with the browser. */
  readonly endsAtMs: number;
}

/** How a jar differs from that of a browser that came by http. */
export interface CookieJarOptions {
  /**
   * Keeps and sends cookies with `Secure` by http too, as browsers do for their own machine.
   *
   * @default false
   */
  readonly trustsHttp?: boolean;
}

/** The cookies of one visitor on 127.0.0.1, whose ports share them. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();
  readonly #trustsHttp: boolean;

  constructor({ trustsHttp = false }: CookieJarOptions = {}) {
    this.#trustsHttp = trustsHttp;
  }

  /** Takes what a `Set-Cookie` header says; one that has ended takes its namesake away. */
  take(header: string): void {
    const cookie = parseSetCookie(header);
    if (!cookie || (cookie.isSecure && !this.#trustsHttp)) return;
    const key = `${cookie.name};${cookie.path}`;
    if (cookie.endsAtMs <= Date.now()) this.#cookies.delete(key);
    else this.#cookies.set(key, cookie);
  }

  /** Returns the value of a cookie that has not ended. */
  valueOf(name: string): string | undefined {
    return this.#living().find((cookie) => cookie.name === name)?.value;
  }

  /** Returns the `Cookie` header for a path; `undefined` where no cookie goes there. */
  headerFor(path: string): string | undefined {
    const cookies = this.#living()
      .filter((cookie) => isWithin(path, cookie.path))
      .toSorted((one, other) => other.path.length - one.path.length);
    return cookies.map(({ name, value }) => `${name}=${value}`).join("; ") || undefined;
  }

  #living(): Cookie[] {
    return [...this.#cookies.values()].filter(({ endsAtMs }) => endsAtMs > Date.now());
  }
}

/** Returns the attributes of a `Set-Cookie` header by their names in small letters. */
export function attributesOf(header: string): ReadonlyMap<string, string> {
  const [, ...attributes] = header.split(";").map((part) => part.trim());
  return new Map(
    attributes.map((attribute) => {
      const [name, value] = splitAt(attribute);
      return [name.toLowerCase(), value];
    }),
  );
}

function parseSetCookie(header: string): Cookie | undefined {
  const [pair = ""] = header.split(";", 1);
  const [name, value] = splitAt(pair);
  const attributes = attributesOf(header);
  if (attributes.has("domain")) return undefined; // never this host: an address has no domains
  return {
    name,
    value,
    path: attributes.get("path") ?? "/",
    isSecure: attributes.has("secure"),
    endsAtMs: endOf(attributes),
  };
}

function endOf(attributes: ReadonlyMap<string, string>): number {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined) return Date.now() + Number(maxAge) * 1_000;
  const expires = attributes.get("expires");
  return expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
}

function splitAt(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function isWithin(path: string, cookiePath: string): boolean {
  if (cookiePath === "/" || path === cookiePath) return true;
  return path.startsWith(cookiePath.endsWith("/") ? cookiePath : `${cookiePath}/`);
}
