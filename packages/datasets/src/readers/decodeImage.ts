import { FormatError } from "@gradloom/backend";
import type { HostTensor } from "../core/hostTensor.ts";
import { optional } from "./optional.ts";

/** Channels of decoded images: grey, red-green-blue, or these with opacity. */
export type Channels = 1 | 3 | 4;

export interface DecodeImageOptions {
  /** 3 by default. */
  readonly channels?: Channels;
  /** The most pixels that are unpacked; 2^26 by default. */
  readonly maxPixels?: number;
}

interface Decoded {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel. */
  readonly data: Uint8Array;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const checkPixels = (name: string, width: number, height: number, maxPixels: number): void => {
  if (width < 1 || height < 1 || width * height > maxPixels) {
    throw new FormatError(name, `states ${width}x${height} pixels, at most ${maxPixels} are unpacked`);
  }
};

const decodePng = async (name: string, bytes: Uint8Array, maxPixels: number): Promise<Decoded> => {
  if (bytes.length < 33)
    throw new FormatError(name, `is truncated: the header ends at byte 33, the file at ${bytes.length}`);
  checkPixels(name, view(bytes).getUint32(16), view(bytes).getUint32(20), maxPixels);
  const { PNG } = await optional("decodeImage", "pngjs");
  return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
};

const decodeJpeg = async (bytes: Uint8Array, maxPixels: number): Promise<Decoded> => {
  const { decode } = await optional("decodeImage", "jpeg-js");
  const maxResolutionInMP = maxPixels / 1e6;
  return decode(bytes, { useTArray: true, formatAsRGBA: true, maxResolutionInMP, maxMemoryUsageInMB: 1024 });
};

const pick = ({ width, height, data }: Decoded, channels: Channels): HostTensor => {
  const result = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    if (channels === 1) {
      const [r, g, b] = [data[4 * i] as number, data[4 * i + 1] as number, data[4 * i + 2] as number];
      result[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    } else for (let c = 0; c < channels; c++) result[channels * i + c] = data[4 * i + c] as number;
  }
  return { data: result, shape: [height, width, channels], dtype: "uint8" };
};

/**
 * Decodes a PNG or JPEG file to bytes [height, width, channels]. Needs the optional package `pngjs` or `jpeg-js`. Grey is the luma of
 * ITU-R BT.601.
 *
 * @throws FormatError for files that are damaged, too large or of another format; UnsupportedError when the package is missing.
 */
export const decodeImage = async (
  name: string,
  bytes: Uint8Array,
  { channels = 3, maxPixels = 2 ** 26 }: DecodeImageOptions = {},
): Promise<HostTensor> => {
  const png = bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!png && !jpeg) throw new FormatError(name, "is neither PNG nor JPEG");
  try {
    return pick(await (png ? decodePng(name, bytes, maxPixels) : decodeJpeg(bytes, maxPixels)), channels);
  } catch (error) {
    if ((error as Error).name === "UnsupportedError" || error instanceof FormatError) throw error;
    throw new FormatError(name, `cannot be decoded: ${(error as Error).message}`);
  }
};
