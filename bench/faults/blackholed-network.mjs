/** Question: what if the network itself drops what the server sends? */

import { measureLink } from "./silent-link.mjs";
import { openSpareNetwork, whyNoNetwork } from "./spare-network.mjs";

export { figures } from "./silent-link.mjs";

export const title = ({ blackholeMs, callsPerSecond }) =>
  `network drops the server's packets for ${blackholeMs / 1_000} s, ${callsPerSecond} calls/s`;

/** Returns why this cannot be measured here, or `undefined` where it can. */
export const obstacle = whyNoNetwork;

export async function measure(contender, settings) {
  const network = await openSpareNetwork();
  try {
    return await measureLink(network, contender, settings);
  } finally {
    await network.close();
  }
}
