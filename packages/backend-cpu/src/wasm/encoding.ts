/** LEB128 of a whole number >= 0. */
export const unsignedLeb = (value: number): number[] => {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
};

/** LEB128 in two's complement. */
export const signedLeb = (value: bigint): number[] => {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 127n);
    value >>= 7n;
    if ((value === 0n && low < 64) || (value === -1n && low >= 64)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
};

const view = new DataView(new ArrayBuffer(8));
const writers = {
  i32: (value: number | bigint) => view.setInt32(0, Number(value), true),
  i64: (value: number | bigint) => view.setBigInt64(0, BigInt(value), true),
  f32: (value: number | bigint) => view.setFloat32(0, Number(value), true),
  f64: (value: number | bigint) => view.setFloat64(0, Number(value), true),
};

/** The bytes of a number as WebAssembly stores it. */
export const littleEndian = (type: keyof typeof writers, value: number | bigint): number[] => {
  writers[type](value);
  const bytes = type === "i32" || type === "f32" ? 4 : 8;
  return Array.from({ length: bytes }, (_, i) => view.getUint8(i));
};

/** A name or a list of bytes with its length in front. */
export const sized = (bytes: readonly number[]): number[] => [...unsignedLeb(bytes.length), ...bytes];

export const utf8 = (text: string): number[] => sized([...new TextEncoder().encode(text)]);
