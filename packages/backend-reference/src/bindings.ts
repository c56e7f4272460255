import type { Binding, DType, HostArray, Kernel, Shape } from "@gradloom/backend";
import { ArgumentError, byteSize, hostArrayOver } from "@gradloom/backend";
import type { Memory } from "./memory.ts";
import { extentOf } from "./positions.ts";

/** The shape over which output `number` of a kernel has its strides. */
export const outputShape = (kernel: Kernel, number: number): Shape => {
  if (kernel.kind === "custom") return kernel.shapes[number] as Shape;
  if (kernel.kind === "sort") return [...kernel.shape.slice(0, -1), kernel.count];
  return kernel.shape.slice(0, kernel.outputs[number]?.strides.length);
};

interface Slot {
  readonly dtype: DType;
  readonly extent: readonly [number, number] | undefined;
}

/** Turns bindings into typed arrays, and refuses places that do not exist or that a kernel would read and write at once. */
export const createBinder = (
  name: string,
  kernel: Kernel,
  memory: Memory,
): ((buffers: readonly Binding[]) => HostArray[]) => {
  const inputs = kernel.inputs.length;
  const slots: readonly Slot[] = [
    ...kernel.inputs.map(({ dtype, view }) => ({ dtype, extent: extentOf(view) })),
    ...kernel.outputs.map(({ dtype, strides }, i) => ({
      dtype,
      extent: extentOf({ shape: outputShape(kernel, i), strides, offset: 0, valid: undefined }),
    })),
  ];
  const label = (slot: number) => (slot < inputs ? `input ${slot}` : `output ${slot - inputs}`);

  const overlaps = (a: number, b: number, buffers: readonly Binding[]): boolean => {
    const [x, y] = [buffers[a] as Binding, buffers[b] as Binding];
    const [s, t] = [slots[a] as Slot, slots[b] as Slot];
    if (x.buffer !== y.buffer || s.extent === undefined || t.extent === undefined) return false;
    const place = (binding: Binding, { dtype }: Slot, element: number) =>
      binding.byteOffset + element * byteSize(dtype);
    return (
      place(x, s, s.extent[0]) < place(y, t, t.extent[1] + 1) && place(y, t, t.extent[0]) < place(x, s, s.extent[1] + 1)
    );
  };

  return (buffers) => {
    if (buffers.length !== slots.length) {
      throw new ArgumentError(name, `a ${kernel.kind} kernel binds ${slots.length} buffers, got ${buffers.length}`);
    }
    const arrays = slots.map(({ dtype, extent }, i) => {
      const binding = buffers[i] as Binding;
      const size = byteSize(dtype);
      if (extent !== undefined && extent[0] < 0) {
        throw new ArgumentError(name, `${label(i)} of a ${kernel.kind} kernel starts before its binding`);
      }
      const bytes = memory.bytesAt(binding, extent === undefined ? 0 : (extent[1] + 1) * size);
      const length = Math.floor((binding.buffer.bytes - binding.byteOffset) / size);
      return hostArrayOver(dtype, bytes, binding.byteOffset, length);
    });
    for (let output = inputs; output < slots.length; output++) {
      const over = kernel.outputs[output - inputs]?.over;
      for (let other = 0; other < output; other++) {
        if (other !== over && overlaps(output, other, buffers)) {
          throw new ArgumentError(name, `${label(output)} of a ${kernel.kind} kernel overlaps ${label(other)}`);
        }
      }
      if (over !== undefined) {
        const [x, y] = [buffers[over] as Binding, buffers[output] as Binding];
        if (x.buffer !== y.buffer || x.byteOffset !== y.byteOffset) {
          throw new ArgumentError(
            name,
            `${label(output)} of a ${kernel.kind} kernel is bound apart from ${label(over)}`,
          );
        }
      }
    }
    return arrays;
  };
};
