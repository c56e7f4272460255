import { FormatError } from "@gradloom/backend";

/** Where the label of a record is, and what it may be. */
export interface CifarLabels {
  /** Bytes of labels before the pixels of each record. */
  readonly bytes: 1 | 2;
  /** Which of them is read. */
  readonly at: number;
  /** Labels are below this. */
  readonly count: number;
}

export interface CifarImages {
  /** [n, 32, 32, 3], red, green and blue side by side. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

const plane = 32 * 32;

/**
 * Reads a file of CIFAR's binary format: records of one or two label bytes and the red, green and blue planes of a 32x32 image.
 *
 * @throws FormatError that names the file and the record where it is not what the format says.
 */
export const parseCifar = (name: string, bytes: Uint8Array, { bytes: before, at, count }: CifarLabels): CifarImages => {
  const record = before + 3 * plane;
  const n = bytes.length / record;
  if (n === 0 || !Number.isInteger(n)) {
    throw new FormatError(
      name,
      `has ${bytes.length} bytes, which are not records of ${record}: it is truncated or of another format`,
      "load the file again",
    );
  }
  const labels = new Uint8Array(n);
  const pixels = new Uint8Array(n * 3 * plane);
  for (let i = 0; i < n; i++) {
    const label = bytes[i * record + at] as number;
    if (label >= count) {
      throw new FormatError(name, `has the label ${label} in record ${i}, the last is ${count - 1}`);
    }
    labels[i] = label;
    const from = i * record + before;
    const to = i * 3 * plane;
    for (let p = 0; p < plane; p++) {
      pixels[to + 3 * p] = bytes[from + p] as number;
      pixels[to + 3 * p + 1] = bytes[from + plane + p] as number;
      pixels[to + 3 * p + 2] = bytes[from + 2 * plane + p] as number;
    }
  }
  return { pixels, labels };
};
