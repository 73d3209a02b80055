import type { Sessions } from "cachewell/sessions";
import type { FastifyInstance } from "fastify";
import { type CartLine, sessionOf, viewOf } from "./visitor.ts";

interface Adding {
  readonly Body: { readonly item: string };
}

const adding = {
  body: {
    type: "object",
    required: ["item"],
    properties: { item: { type: "string", minLength: 1, maxLength: 100 } },
  },
};

/** The cart: it is there before a login, and stays through it. */
export function addCartRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post<Adding>("/cart", { schema: adding }, (request) => {
    const session = sessionOf(request);
    addItem(session.setDefault<CartLine[]>("cart", []), request.body.item);
    return viewOf(session, sessions);
  });

  app.delete("/cart", (request) => {
    const session = sessionOf(request);
    session.delete("cart");
    return viewOf(session, sessions);
  });
}

/** A change inside of the session's value: it is found when the session is stored. */
function addItem(cart: CartLine[], item: string): void {
  const line = cart.find((each) => each.item === item);
  if (line) line.count += 1;
  else cart.push({ item, count: 1 });
}
