import type { DType, HostArray } from "@gradloom/backend";
import { byteSize, FormatError, hostArrayOver, UnsupportedError } from "@gradloom/backend";
import type { Device, Tensor } from "@gradloom/tensor";
import { tensor } from "@gradloom/tensor";
import type { ElementFormat } from "./formats.ts";
import { formats } from "./formats.ts";
import type { Entry, Header } from "./header.ts";
import { headerLength, parseHeader } from "./header.ts";
import { quote } from "./quote.ts";

export interface DecodeOptions {
  /** Where the tensors shall live; the current device by default. */
  readonly device?: Device;
  /** Turns integers of 16 and 64 bits into int32, and refuses numbers that do not fit; without it such tensors are refused. */
  readonly convertIntegers?: boolean;
  /** What errors call the bytes. */
  readonly name?: string;
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Refuses a file with a tensor that no type of ours holds, before anything is read. */
export const checkTypes = (file: string, { entries }: Header, convertIntegers: boolean): void => {
  for (const { name, format } of entries) {
    const { dtype, integer }: ElementFormat = formats[format];
    if (dtype !== undefined || (integer !== undefined && convertIntegers)) continue;
    throw new UnsupportedError(
      file,
      `tensor ${quote(name)} has elements of type ${format}, which no tensor can hold`,
      integer === undefined ? "convert the file" : "pass convertIntegers: true for int32",
    );
  }
};

const toInt32 = (file: string, entry: Entry, bytes: ArrayBuffer, integer: NonNullable<ElementFormat["integer"]>) => {
  const view = new DataView(bytes);
  const { bytes: width } = formats[entry.format];
  const result = new Int32Array(bytes.byteLength / width);
  for (let i = 0; i < result.length; i++) {
    const value = view[`get${integer}`](i * width, true);
    result[i] = Number(value);
    if (BigInt(result[i] as number) !== BigInt(value)) {
      throw new FormatError(
        file,
        `tensor ${quote(entry.name)} holds ${value} at position ${i}, which int32 cannot hold`,
      );
    }
  }
  return result;
};

/** The tensor of an entry, from its bytes in a buffer of their own. */
export const decodeEntry = (file: string, entry: Entry, bytes: ArrayBuffer, device: Device | undefined): Tensor => {
  const { dtype = "int32", integer }: ElementFormat = formats[entry.format];
  const values: HostArray =
    integer === undefined
      ? hostArrayOver<DType>(dtype, bytes, 0, bytes.byteLength / byteSize(dtype))
      : toInt32(file, entry, bytes, integer);
  if (dtype === "bool") {
    const wrong = values.findIndex((value) => value > 1);
    if (wrong >= 0) {
      throw new FormatError(
        file,
        `tensor ${quote(entry.name)} holds ${values[wrong]} at position ${wrong}, a BOOL is 0 or 1`,
      );
    }
  }
  return tensor(values, { shape: entry.shape, dtype, ...(device === undefined ? {} : { device }) });
};

/**
 * Reads the bytes of a safetensors file.
 *
 * @throws FormatError for bytes that do not follow the format, UnsupportedError for element types that no tensor can hold.
 * @example const { tensors, metadata } = decodeSafetensors(bytes)
 */
export const decodeSafetensors = (bytes: Uint8Array, options: DecodeOptions = {}): Safetensors => {
  const { name = "safetensors", convertIntegers = false, device } = options;
  const start = 8 + headerLength(name, bytes.subarray(0, 8), bytes.length);
  const header = parseHeader(name, bytes.subarray(8, start), bytes.length - start);
  checkTypes(name, header, convertIntegers);
  const tensors = header.entries.map((entry): [string, Tensor] => {
    // A copy of its own, because the bytes of a tensor need not lie at a multiple of their element's size.
    const own = new Uint8Array(entry.end - entry.begin);
    own.set(bytes.subarray(start + entry.begin, start + entry.end));
    return [entry.name, decodeEntry(name, entry, own.buffer, device)];
  });
  return { tensors: Object.fromEntries(tensors), metadata: header.metadata };
};
