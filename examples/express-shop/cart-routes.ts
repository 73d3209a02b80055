import type { Sessions } from "cachewell/sessions";
import { Router } from "express";
import { isShortText } from "./is-short-text.ts";
import { type CartLine, sessionOf, viewOf } from "./visitor.ts";

/** The cart: it is there before a login, and stays through it. */
export function cartRoutes(sessions: Sessions): Router {
  const router = Router();
  router.post("/cart", async (request, response) => {
    const { item } = Object(request.body);
    if (!isShortText(item)) {
      response.status(400).json({ error: "There is no such item." });
      return;
    }
    const session = sessionOf(request);
    addItem(session.setDefault<CartLine[]>("cart", []), item);
    response.json(await viewOf(session, sessions));
  });
  router.delete("/cart", async (request, response) => {
    const session = sessionOf(request);
    session.delete("cart");
    response.json(await viewOf(session, sessions));
  });
  return router;
}

/** A change inside of the session's value: it is found when the session is stored. */
function addItem(cart: CartLine[], item: string): void {
  const line = cart.find((each) => each.item === item);
  if (line) line.count += 1;
  else cart.push({ item, count: 1 });
}
