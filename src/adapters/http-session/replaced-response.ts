/*
 * A session that cannot be stored fails its request after the handler has made a response. An error is
 * answered in the place of that response, and whatever headers are left go with the error.
 */

/** Headers that hold for one response alone: they describe its body, its freshness, or where it leads. */
const ofOneResponse: ReadonlySet<string> = new Set([
  // The message's framing and the representation in it: RFC 9110 sections 6.6, 8 and 14, RFC 9112 section 6.1.
  "accept-ranges",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "trailer",
  "transfer-encoding",
  // Digests of the body: RFC 9530 section 2, and the obsolete headers of RFC 3230 and RFC 2616.
  "content-digest",
  "content-md5",
  "digest",
  "repr-digest",
  // How to present the body: RFC 6266.
  "content-disposition",
  // Freshness: RFC 9111 section 5; Fastly's and nginx's headers besides.
  "age",
  "expires",
  "surrogate-control",
  "x-accel-expires",
  // Where the client goes next, and when: RFC 9110 section 10.2, and HTML's refresh.
  "location",
  "refresh",
  "retry-after",
  // A file that the proxy sends in place of the body: nginx, Apache, lighttpd.
  "x-accel-redirect",
  "x-sendfile",
]);

/** `Cache-Control`, and its forms for some caches alone, such as `CDN-Cache-Control` (RFC 9213). */
const cacheControl = /(?:^|-)cache-control$/;

/**
 * Returns those of a replaced response's headers that the error in its place must not carry. Cookies,
 * `Vary`, and headers of CORS, security and tracing are not among them: they go with any response.
 *
 * A door removes only headers that are there: Node stops framing a body by chunks once
 * `Transfer-Encoding` has been removed, even where there was none.
 */
export function headersToDrop(names: Iterable<string>): string[] {
  return Array.from(names).filter((name) => {
    const lowerName = name.toLowerCase();
    return ofOneResponse.has(lowerName) || cacheControl.test(lowerName);
  });
}
