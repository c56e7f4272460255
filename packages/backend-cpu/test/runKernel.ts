import { type Backend, type DType, type HostArray, hostArrayOver, type Kernel, sizeOf } from "@gradloom/backend";

/** Runs a kernel with contiguous outputs once and returns what it wrote. */
export const runKernel = (
  device: Backend,
  kernel: Kernel,
  inputs: readonly HostArray[],
  scalars: readonly number[] = [],
): HostArray[] => {
  const program = device.prepare(kernel);
  const place = (bytes: number) => ({ buffer: device.allocate(bytes), byteOffset: 0 });
  const bindings = inputs.map((input) => {
    const binding = place(input.byteLength);
    device.upload(binding, input);
    return binding;
  });
  const lengths = kernel.outputs.map((output, i) => lengthOf(kernel, output.strides.length, i));
  const outputs = kernel.outputs.map((_, i) => place(8 * (lengths[i] as number)));
  device.run([{ program, buffers: [...bindings, ...outputs], scalars }]);
  const results = kernel.outputs.map(({ dtype }: { dtype: DType }, i) => {
    const bytes = device.downloadSync?.(outputs[i] as (typeof outputs)[number], 8 * (lengths[i] as number));
    return hostArrayOver(dtype, bytes as ArrayBuffer, 0, lengths[i] as number);
  });
  for (const { buffer } of [...bindings, ...outputs]) device.free(buffer);
  return results;
};

const lengthOf = (kernel: Kernel, rank: number, output: number): number => {
  if (kernel.kind === "custom") return sizeOf(kernel.shapes[output] ?? []);
  if (kernel.kind === "sort") return sizeOf(kernel.shape.slice(0, -1)) * kernel.count;
  return sizeOf(kernel.shape.slice(0, rank));
};
