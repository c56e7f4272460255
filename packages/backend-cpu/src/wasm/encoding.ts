/** Bytes that are written one after the other. */
export class ByteWriter {
  private bytes: Uint8Array<ArrayBuffer>;
  private size = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.size;
  }

  byte(value: number): void {
    if (this.size === this.bytes.length) this.reserve(1);
    this.bytes[this.size++] = value;
  }

  all(values: readonly number[]): void {
    const count = values.length;
    if (this.size + count > this.bytes.length) this.reserve(count);
    for (let i = 0; i < count; i++) this.bytes[this.size + i] = values[i] as number;
    this.size += count;
  }

  /** LEB128 of a whole number >= 0. */
  unsigned(value: number): void {
    this.all(unsignedLeb(value));
  }

  /** What another writer holds. */
  append(other: ByteWriter): void {
    if (this.size + other.size > this.bytes.length) this.reserve(other.size);
    this.bytes.set(other.bytes.subarray(0, other.size), this.size);
    this.size += other.size;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.size);
  }

  private reserve(more: number): void {
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.size + more));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

const encodeUnsigned = (value: number): number[] => {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
};

const small: (readonly number[] | undefined)[] = [];

/** LEB128 of a whole number >= 0. */
export const unsignedLeb = (value: number): readonly number[] => {
  if (value >= 1024) return encodeUnsigned(value);
  let bytes = small[value];
  if (bytes === undefined) {
    bytes = encodeUnsigned(value);
    small[value] = bytes;
  }
  return bytes;
};

/** LEB128 of a 32-bit integer in two's complement. */
export const signedLeb = (value: number): number[] => {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 127;
    value >>= 7;
    if ((value === 0 && low < 64) || (value === -1 && low >= 64)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
};

/** LEB128 of a 64-bit integer in two's complement. */
export const signedLeb64 = (value: bigint): number[] => {
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
  const bytes: number[] = [];
  for (let i = 0; i < (type === "i32" || type === "f32" ? 4 : 8); i++) bytes.push(view.getUint8(i));
  return bytes;
};

/** A name as its length and its UTF-8. */
export const utf8 = (text: string): number[] => {
  const bytes = new TextEncoder().encode(text);
  return [...unsignedLeb(bytes.length), ...bytes];
};
