const slots = 16_384;

/** Returns the slot of a key in a Redis Cluster: CRC16 of the hash tag where there is one, of the whole key otherwise. */
export function slotOf(key: string): number {
  return crc16(Buffer.from(hashTagOf(key) ?? key)) % slots;
}

/** Returns what stands between the first `{` and the first `}` after it, unless that is nothing. */
function hashTagOf(key: string): string | undefined {
  const start = key.indexOf("{");
  const end = start < 0 ? -1 : key.indexOf("}", start);
  return end > start + 1 ? key.slice(start + 1, end) : undefined;
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ (sum & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return sum;
}
