import { FormatError, formatShape, maxElements, sizeOf } from "@gradloom/backend";
import { duplicateKey } from "./duplicateKey.ts";
import type { FormatName } from "./formats.ts";
import { formats, isFormatName } from "./formats.ts";
import { quote } from "./quote.ts";

/** The longest header that the format allows. */
export const maxHeaderBytes = 100_000_000;

/** One tensor of a file; positions count from the end of the header. */
export interface Entry {
  readonly name: string;
  readonly format: FormatName;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * The length of the header, from the first 8 bytes of a file.
 *
 * @throws FormatError when the file is too short for it or the format forbids it.
 */
export const headerLength = (file: string, start: Uint8Array, fileBytes: number): number => {
  if (start.length < 8) {
    throw new FormatError(file, `is truncated: the header's length takes 8 bytes, the file has ${fileBytes}`);
  }
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length > maxHeaderBytes) {
    throw new FormatError(file, `states a header of ${length} bytes, the format allows ${maxHeaderBytes}`);
  }
  if (Number(length) > fileBytes - 8) {
    throw new FormatError(file, `is truncated: the header ends at byte ${length + 8n}, the file at ${fileBytes}`);
  }
  return Number(length);
};

const parseJson = (file: string, bytes: Uint8Array): Record<string, unknown> => {
  if (bytes[0] !== 0x7b) throw new FormatError(file, 'is no safetensors file: the header does not begin with "{"');
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError(file, "has a header that is not UTF-8");
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, `has a header that is not JSON: ${(error as Error).message}`);
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new FormatError(file, `has a header with the key ${quote(twice)} twice`);
  return json as Record<string, unknown>;
};

const parseMetadata = (file: string, value: unknown): Record<string, string> => {
  if (!isObject(value)) throw new FormatError(file, "has metadata that are not an object");
  for (const [key, each] of Object.entries(value)) {
    if (typeof each !== "string") {
      throw new FormatError(file, `has metadata that are not strings: ${quote(key)} is a ${typeof each}`);
    }
  }
  return value as Record<string, string>;
};

const parseEntry = (file: string, name: string, value: unknown): Entry => {
  const tensor = `tensor ${quote(name)}`;
  if (!isObject(value)) throw new FormatError(file, `describes ${tensor} by something other than an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isFormatName(dtype)) {
    throw new FormatError(file, `gives ${tensor} the unknown element type ${quote(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw new FormatError(file, `gives ${tensor} a shape that is not a list of counts`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw new FormatError(file, `gives ${tensor} data_offsets that are not two counts`);
  }
  const size = shape.includes(0) ? 0 : sizeOf(shape);
  if (size > maxElements || shape.some((n) => n > maxElements)) {
    throw new FormatError(file, `gives ${tensor} the shape ${formatShape(shape)}, more than ${maxElements} elements`);
  }
  const [begin, end] = offsets as [number, number];
  if (end < begin) throw new FormatError(file, `has ${tensor} end at ${end}, before its begin at ${begin}`);
  const needed = size * formats[dtype].bytes;
  if (end - begin !== needed) {
    throw new FormatError(
      file,
      `has ${end - begin} bytes for ${tensor}, ${dtype} ${formatShape(shape)} needs ${needed}`,
    );
  }
  return { name, format: dtype, shape: shape.map(Math.abs), begin, end };
};

/**
 * Reads a header and checks it against the bytes behind it: every one of them belongs to exactly one tensor.
 *
 * @param dataBytes Bytes of the file behind the header.
 * @throws FormatError that names the file and what is wrong.
 */
export const parseHeader = (file: string, bytes: Uint8Array, dataBytes: number): Header => {
  const { __metadata__: metadata = {}, ...tensors } = parseJson(file, bytes);
  const entries = Object.entries(tensors)
    .map(([name, value]) => parseEntry(file, name, value))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let next = 0;
  for (const { name, begin, end } of entries) {
    if (end > dataBytes) {
      throw new FormatError(file, `is truncated: tensor ${quote(name)} ends at ${end}, the data at ${dataBytes}`);
    }
    if (begin !== next) {
      const what = begin < next ? "overlaps the one before" : "leaves a hole before it";
      throw new FormatError(file, `has tensor ${quote(name)} begin at ${begin} instead of ${next}: it ${what}`);
    }
    next = end;
  }
  if (next !== dataBytes) throw new FormatError(file, `has ${dataBytes - next} bytes behind its last tensor`);
  return { entries, metadata: parseMetadata(file, metadata) };
};
