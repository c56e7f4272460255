import { FormatError } from "@gradloom/backend";

/** Elements of an IDX file: unsigned bytes of a shape. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes (LeCun's MNIST format).
 *
 * @throws FormatError that names the file and the byte where it is not what the format says.
 */
export const parseIdx = (name: string, bytes: Uint8Array): Idx => {
  const need = (end: number, what: string): void => {
    if (bytes.length < end)
      throw new FormatError(name, `is truncated: ${what} ends at byte ${end}, the file at ${bytes.length}`);
  };
  need(4, "the magic number");
  if (bytes[0] !== 0 || bytes[1] !== 0) throw new FormatError(name, "is no IDX file: bytes 0 and 1 are not 0");
  if (bytes[2] !== 8)
    throw new FormatError(name, `holds elements of type ${bytes[2]} (byte 2), only 8 (unsigned bytes) is read`);
  const rank = bytes[3] as number;
  if (rank < 1 || rank > 4) throw new FormatError(name, `has ${rank} dimensions (byte 3), 1 to 4 are read`);
  need(4 + 4 * rank, "the header");
  const header = new DataView(bytes.buffer, bytes.byteOffset, 4 + 4 * rank);
  const shape = Array.from({ length: rank }, (_, d) => header.getUint32(4 + 4 * d));
  const size = shape.reduce((product, n) => product * n, 1);
  const start = 4 + 4 * rank;
  if (bytes.length !== start + size) {
    throw new FormatError(
      name,
      `holds ${bytes.length - start} bytes from byte ${start} on where [${shape.join(",")}] needs ${size}`,
      "load the file again",
    );
  }
  return { shape, data: bytes.subarray(start) };
};
