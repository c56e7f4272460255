import type { HostArray } from "@gradloom/backend";
import { ArgumentError, byteSize } from "@gradloom/backend";
import type { Tensor } from "@gradloom/tensor";
import { nameOf } from "./formats.ts";
import { maxHeaderBytes } from "./header.ts";
import { quote } from "./quote.ts";

const order = ([a, x]: readonly [string, Tensor], [b, y]: readonly [string, Tensor]): number =>
  byteSize(y.dtype) - byteSize(x.dtype) || (a < b ? -1 : 1);

const checkText = (text: string, what: string): void => {
  if (/\p{Surrogate}/u.test(text)) throw new ArgumentError("safetensors", `${what} is not valid Unicode`);
};

/** The parts of a file in their order: length and header, then the elements of each tensor. */
export const safetensorsParts = async (
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<(Uint8Array | HostArray)[]> => {
  // Wide elements first and the header padded to 8 bytes, so that every tensor lies at a multiple of its element's size.
  const entries = Object.entries(tensors).sort(order);
  const header: [string, unknown][] = [];
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw new ArgumentError("safetensors", `metadata are strings, ${quote(key)} is a ${typeof value}`);
    }
    for (const text of [key, value]) checkText(text, `metadata ${quote(key)}`);
  }
  if (Object.keys(metadata).length > 0) header.push(["__metadata__", metadata]);
  let begin = 0;
  for (const [name, { dtype, shape, size }] of entries) {
    if (name === "__metadata__") {
      throw new ArgumentError("safetensors", 'no tensor may be named "__metadata__"', "give it another name");
    }
    checkText(name, `the name ${quote(name)}`);
    const end = begin + size * byteSize(dtype);
    header.push([name, { dtype: nameOf[dtype], shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(text.length / 8) * 8;
  if (length > maxHeaderBytes) {
    throw new ArgumentError("safetensors", `names and metadata take ${length} bytes, at most ${maxHeaderBytes} fit`);
  }
  const start = new Uint8Array(8 + length).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(length), true);
  start.set(text, 8);
  // All are read at once: a snapshot of this moment, whatever assigns to variables meanwhile.
  return [start, ...(await Promise.all(entries.map(([, each]) => each.data())))];
};

/**
 * The bytes of a safetensors file of named tensors.
 *
 * @throws ArgumentError for metadata that are not strings and for a tensor named `__metadata__`.
 * @example const bytes = await encodeSafetensors({ weight: w.value }, { epoch: "3" })
 */
export const encodeSafetensors = async (
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<Uint8Array> => {
  const parts = await safetensorsParts(tensors, metadata);
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let next = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), next);
    next += byteLength;
  }
  return bytes;
};
