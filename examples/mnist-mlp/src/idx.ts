import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { FormatError } from "@gradloom/tensor";

/** Elements of an IDX file: unsigned bytes of a shape. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes (LeCun's MNIST format), plain or gzipped.
 *
 * @throws FormatError that names the file and the byte where it is not what the format says.
 */
export const parseIdx = (name: string, file: Uint8Array, maxBytes = 2 ** 28): Idx => {
  const bytes = file[0] === 0x1f && file[1] === 0x8b ? unpack(name, file, maxBytes) : file;
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

const unpack = (name: string, file: Uint8Array, maxBytes: number): Uint8Array => {
  try {
    return gunzipSync(file, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new FormatError(name, `cannot be unpacked: ${(error as Error).message}`, "load the file again");
  }
};

export interface Digits {
  /** [n, 28, 28] */
  readonly images: Idx;
  /** [n] */
  readonly labels: Idx;
}

/** The images and labels of one part of MNIST in a folder; undefined when the files are not there. */
export const readDigits = (folder: string, part: "train" | "t10k"): Digits | undefined => {
  const read = (stem: string): Idx | undefined => {
    const path = [join(folder, stem), join(folder, `${stem}.gz`)].find((candidate) => existsSync(candidate));
    return path === undefined ? undefined : parseIdx(path, readFileSync(path));
  };
  const images = read(`${part}-images-idx3-ubyte`);
  const labels = read(`${part}-labels-idx1-ubyte`);
  if (images === undefined || labels === undefined) return undefined;
  if (images.shape.length !== 3 || labels.shape.length !== 1 || images.shape[0] !== labels.shape[0]) {
    throw new FormatError(
      folder,
      `images [${images.shape.join(",")}] and labels [${labels.shape.join(",")}] do not belong together`,
    );
  }
  return { images, labels };
};
