/**
 * Returns what a user's session holds: five fields, about 380 bytes as JSON.
 *
 * @param {number} userId
 */
export function sessionFields(userId) {
  return {
    userId,
    profile: { name: "Ada Lovelace", email: "ada@example.org", roles: ["editor", "author"] },
    cart: {
      items: [
        { sku: "BK-1001", title: "Sketch of the Engine", quantity: 2, price: 18.5 },
        { sku: "BK-2042", title: "Notes by the Translator", quantity: 1, price: 42 },
      ],
      shipTo: { country: "GB", city: "London" },
      coupon: null,
    },
    csrfToken: "6f9b4c1e-8a52-4d3b-9c61-2f7d0a8e5b14",
    visits: 0,
  };
}
