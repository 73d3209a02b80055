import type { Session, Sessions } from "cachewell/sessions";
import type { Request } from "express";

/** What a visitor wants, and how many of it. */
export interface CartLine {
  readonly item: string;
  count: number;
}

/** What a visitor is shown. */
export interface View {
  readonly visitor: string | null;
  readonly cart: readonly CartLine[];
  /** How many sessions this user has. */
  readonly devices: number;
}

export async function viewOf(session: Session, sessions: Sessions): Promise<View> {
  const name = session.get<string>("userId");
  const devices = name === undefined ? [] : await sessions.list({ userId: name });
  const cart = session.get<CartLine[]>("cart", []);
  return { visitor: name ?? null, cart, devices: devices.length };
}

/**
 * Returns the session of a request. An application of its own says the type once instead, with
 * `declare global`; here other examples stand beside this one.
 */
export function sessionOf(request: Request): Session {
  return (request as Request & { readonly session: Session }).session; // the middleware sees to that
}
