import { UnsupportedError } from "@gradloom/tensor";
import { crc32c } from "./crc32c.ts";

/** TFRecord: the length, its checksum, the data, its checksum; all little-endian. */
export const frame = (data: Uint8Array): Uint8Array => {
  const masked = (bytes: Uint8Array): number => {
    const crc = crc32c(bytes);
    return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  };
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
};

/** What one event of a log says. */
export interface LogEvent {
  /** Seconds since 1970. */
  readonly time: number;
  readonly step: number;
  /** Numbers by tag; the first event of a file has none, but a version. */
  readonly scalars?: Readonly<Record<string, number>>;
  readonly version?: string;
}

/** TensorBoard's protocol buffers `Event` and `Summary` (tensorboard/compat/proto). */
export const eventEncoder = async (): Promise<(event: LogEvent) => Uint8Array> => {
  const { BinaryWriter, WireType } = await wire();
  return ({ time, step, scalars, version }) => {
    const writer = new BinaryWriter();
    writer.tag(1, WireType.Bit64).double(time);
    writer.tag(2, WireType.Varint).int64(step);
    if (version !== undefined) writer.tag(3, WireType.LengthDelimited).string(version);
    if (scalars !== undefined) {
      writer.tag(5, WireType.LengthDelimited).fork();
      for (const [tag, value] of Object.entries(scalars)) {
        writer.tag(1, WireType.LengthDelimited).fork();
        writer.tag(1, WireType.LengthDelimited).string(tag);
        writer.tag(2, WireType.Bit32).float(value);
        writer.join();
      }
      writer.join();
    }
    return writer.finish();
  };
};

const wire = async () => {
  try {
    return await import("@bufbuild/protobuf/wire");
  } catch (error) {
    throw new UnsupportedError(
      "tensorBoard",
      `cannot load @bufbuild/protobuf: ${(error as Error).message}`,
      "npm install @bufbuild/protobuf",
    );
  }
};
