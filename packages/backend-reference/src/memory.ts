import type { Binding, DeviceBuffer, MemoryStatistics } from "@gradloom/backend";
import { ArgumentError, OutOfMemoryError } from "@gradloom/backend";

/** Buffers that are known to be alive, and how much they hold. */
export interface Memory {
  allocate(bytes: number): DeviceBuffer;
  free(buffer: DeviceBuffer): void;
  /** The bytes behind a binding, after making sure that the place exists. */
  bytesAt(binding: Binding, bytes: number): ArrayBuffer;
  statistics(): MemoryStatistics;
  clear(): void;
}

/** `create` makes the bytes of a new buffer; at most `limit` bytes are alive at a time. */
export const createMemory = (
  name: string,
  alignment: number,
  limit: number,
  create: (bytes: number) => ArrayBuffer,
): Memory => {
  const buffers = new Map<DeviceBuffer, ArrayBuffer>();
  let liveBytes = 0;
  let peakBytes = 0;
  const find = (buffer: DeviceBuffer): ArrayBuffer => {
    const bytes = buffers.get(buffer);
    if (bytes === undefined) throw new ArgumentError(name, "this buffer was freed before, or is of another device");
    return bytes;
  };
  return {
    allocate: (bytes) => {
      if (!Number.isInteger(bytes) || bytes < 0) {
        throw new ArgumentError(name, `a buffer has a whole number of bytes >= 0, got ${bytes}`);
      }
      const full = () => new OutOfMemoryError(name, `no room for ${bytes} bytes, ${liveBytes} bytes are live`);
      if (liveBytes + bytes > limit) throw full();
      const buffer: DeviceBuffer = { bytes };
      try {
        buffers.set(buffer, create(bytes));
      } catch {
        throw full();
      }
      liveBytes += bytes;
      peakBytes = Math.max(peakBytes, liveBytes);
      return buffer;
    },
    free: (buffer) => {
      find(buffer);
      buffers.delete(buffer);
      liveBytes -= buffer.bytes;
    },
    bytesAt: ({ buffer, byteOffset }, bytes) => {
      const memory = find(buffer);
      if (byteOffset % alignment !== 0) {
        throw new ArgumentError(name, `a binding starts at a multiple of ${alignment} bytes, got ${byteOffset}`);
      }
      if (byteOffset < 0 || byteOffset + bytes > buffer.bytes) {
        throw new ArgumentError(
          name,
          `bytes ${byteOffset} to ${byteOffset + bytes} lie outside a buffer of ${buffer.bytes} bytes`,
        );
      }
      return memory;
    },
    statistics: () => ({ liveBytes, peakBytes, buffers: buffers.size }),
    clear: () => {
      buffers.clear();
      liveBytes = 0;
    },
  };
};
