const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/**
 * Threefry2x32 with 20 rounds: two random words for a key and a counter (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", 2011). The scalar operation `threefry` is its first word.
 */
export const threefry2x32 = (key0: number, key1: number, counter0: number, counter1: number): [number, number] => {
  const keys = [key0, key1, (key0 ^ key1 ^ 0x1bd11bda) >>> 0];
  let x0 = (counter0 + key0) >>> 0;
  let x1 = (counter1 + key1) >>> 0;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8] as number;
    x0 = (x0 + x1) >>> 0;
    x1 = (((x1 << r) | (x1 >>> (32 - r))) ^ x0) >>> 0;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      x0 = (x0 + (keys[s % 3] as number)) >>> 0;
      x1 = (x1 + (keys[(s + 1) % 3] as number) + s) >>> 0;
    }
  }
  return [x0, x1];
};
