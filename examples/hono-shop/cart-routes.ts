import type { SessionEnv } from "cachewell/hono";
import type { Sessions } from "cachewell/sessions";
import { Hono } from "hono";
import { validator } from "hono/validator";
import { isShortText } from "./is-short-text.ts";
import { type CartLine, viewOf } from "./visitor.ts";

const adding = validator("json", (body: unknown, c) => {
  const { item } = Object(body) as { readonly item?: unknown }; // whatever was sent
  return isShortText(item) ? { item } : c.json({ error: "There is no such item." }, 400);
});

/** The cart: it is there before a login, and stays through it. */
export function cartRoutes(sessions: Sessions): Hono<SessionEnv> {
  const app = new Hono<SessionEnv>();
  app.post("/cart", adding, async (c) => {
    const session = c.get("session");
    addItem(session.setDefault<CartLine[]>("cart", []), c.req.valid("json").item);
    return c.json(await viewOf(session, sessions));
  });
  app.delete("/cart", async (c) => {
    const session = c.get("session");
    session.delete("cart");
    return c.json(await viewOf(session, sessions));
  });
  return app;
}

/** A change inside of the session's value: it is found when the session is stored. */
function addItem(cart: CartLine[], item: string): void {
  const line = cart.find((each) => each.item === item);
  if (line) line.count += 1;
  else cart.push({ item, count: 1 });
}
