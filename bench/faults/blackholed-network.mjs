/** Question: what if the network drops the server's packets? */

import { measureLink } from "./silent-link.mjs";
import { openSpareNetwork, whyNoNetwork } from "./spare-network.mjs";

/** @import { FaultSettings } from "./settings.mjs" */
/** @import { Contender } from "./contenders.mjs" */

export { figures } from "./silent-link.mjs";

/** @param {FaultSettings} settings */
export const title = ({ blackholeMs, callsPerSecond }) =>
  `network drops the server's packets for ${blackholeMs / 1_000} s, ${callsPerSecond} calls/s`;

/** Returns why this machine cannot measure it, or `undefined` where it can. */
export const obstacle = whyNoNetwork;

/**
 * @param {Contender} contender
 * @param {FaultSettings} settings
 */
export async function measure(contender, settings) {
  const network = await openSpareNetwork();
  try {
    return await measureLink(network, contender, settings);
  } finally {
    await network.close();
  }
}
