import type { Encoder, Work } from "./encoder.ts";
import { mapRead, usage } from "./flags.ts";

/** Pieces of work whose times are taken in one submission: a set holds at most 4096 time stamps. */
const most = 2048;

/** Milliseconds that each piece of work takes on the device. */
export const timeWithStamps = async (device: GPUDevice, encoder: Encoder, list: readonly Work[]): Promise<number[]> => {
  const times: number[] = [];
  for (let from = 0; from < list.length; from += most) {
    const part = list.slice(from, from + most);
    const stamps = device.createQuerySet({ type: "timestamp", count: 2 * part.length });
    const size = 16 * part.length;
    const resolved = device.createBuffer({ size, usage: usage.queryResolve | usage.copySource });
    const staging = device.createBuffer({ size, usage: usage.mapRead | usage.copyTarget });
    encoder.submitTimed(part, stamps, resolved);
    const copy = device.createCommandEncoder();
    copy.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([copy.finish()]);
    await staging.mapAsync(mapRead);
    const nanoseconds = new BigInt64Array(staging.getMappedRange());
    part.forEach((_, i) => {
      times.push(Math.max(0, Number((nanoseconds[2 * i + 1] as bigint) - (nanoseconds[2 * i] as bigint)) / 1e6));
    });
    staging.unmap();
    for (const resource of [stamps, resolved, staging]) resource.destroy();
  }
  return times;
};
