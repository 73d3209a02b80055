import type { Session, Sessions } from "cachewell/sessions";

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
