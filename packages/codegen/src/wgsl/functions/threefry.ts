const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

const rounds = (): string => {
  const lines: string[] = [];
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8] as number;
    lines.push(`  x += y; y = ((y << ${r}u) | (y >> ${32 - r}u)) ^ x;`);
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      lines.push(`  x += key${s % 3}; y += key${(s + 1) % 3} + ${s}u;`);
    }
  }
  return lines.join("\n");
};

/** Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011). */
export const threefry = {
  threefry: `fn threefry(key0: u32, key1: u32, counter0: u32, counter1: u32) -> u32 {
  let key2 = key0 ^ key1 ^ 0x1bd11bdau;
  var x = counter0 + key0;
  var y = counter1 + key1;
${rounds()}
  return x;
}`,
} as const;
