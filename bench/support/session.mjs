/** The value of a write: a session of 340 bytes as JSON. */
export const session = {
  id: "6f9b4c1e-8a52-4d3b-9c61-2f7d0a8e5b14",
  user: { id: 48_213, name: "Ada Lovelace", email: "ada@example.org", roles: ["editor", "author"] },
  cart: [
    { sku: "BK-1001", quantity: 2, price: 18.5 },
    { sku: "BK-2042", quantity: 1, price: 42 },
  ],
  preferences: { language: "en", theme: "dark", newsletter: true },
  createdAt: "2026-01-05T10:20:30.000Z",
};
