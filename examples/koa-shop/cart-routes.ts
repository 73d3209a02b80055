import type { Sessions } from "cachewell/sessions";
import { isShortText } from "./is-short-text.ts";
import { readJson } from "./read-json.ts";
import type { Routes } from "./routes.ts";
import { type CartLine, viewOf } from "./visitor.ts";

/** The cart: it is there before a login, and stays through it. */
export function cartRoutes(sessions: Sessions): Routes {
  return {
    "POST /cart": async (ctx) => {
      const { item } = await readJson(ctx);
      if (!isShortText(item)) return ctx.throw(400, "There is no such item.");
      addItem(ctx.session.setDefault<CartLine[]>("cart", []), item);
      ctx.body = await viewOf(ctx.session, sessions);
    },
    "DELETE /cart": async (ctx) => {
      ctx.session.delete("cart");
      ctx.body = await viewOf(ctx.session, sessions);
    },
  };
}

/** A change inside of the session's value: it is found when the session is stored. */
function addItem(cart: CartLine[], item: string): void {
  const line = cart.find((each) => each.item === item);
  if (line) line.count += 1;
  else cart.push({ item, count: 1 });
}
