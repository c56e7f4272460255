import { ArgumentError } from "@gradloom/tensor";

/** Numbers of an image [height, width, channels], with 1 (grey) or 3 (red, green, blue) channels. */
export interface Picture {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  /** The number of the sample that it shows; its own place in the list by default. */
  readonly sample?: number;
}

/** A picture as a BMP file in a data URL, stretched from its smallest to its largest number. */
export const pictureUrl = ({ data, shape }: Picture): string => {
  const [height = 0, width = 0, channels = 1] = shape;
  if ((channels !== 1 && channels !== 3) || data.length !== height * width * channels || data.length === 0) {
    throw new ArgumentError(
      "htmlReport",
      `a picture is [height, width, 1 or 3], got [${shape}] with ${data.length} numbers`,
    );
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    low = Math.min(low, data[i] as number);
    high = Math.max(high, data[i] as number);
  }
  const factor = high > low ? 255 / (high - low) : 0;
  // Rows from the bottom up, each a multiple of 4 bytes, as blue, green, red.
  const line = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(54 + line * height);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x424d);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const from = ((height - 1 - y) * width + x) * channels + (channels === 3 ? 2 - c : 0);
        bytes[54 + y * line + 3 * x + c] = Math.round(((data[from] as number) - low) * factor);
      }
    }
  }
  return `data:image/bmp;base64,${btoa(String.fromCharCode(...bytes))}`;
};
