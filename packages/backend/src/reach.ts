import { byteSize } from "./dtype.ts";
import type { Kernel } from "./kernel.ts";
import type { Shape } from "./shape.ts";
import type { View } from "./view.ts";

/** Elements from the start of the buffer to the last one that a view reads. */
export const reach = ({ shape, strides, offset, valid }: View): number => {
  let last = offset;
  for (let d = 0; d < shape.length; d++) {
    const [low, high] = valid?.[d] ?? [0, shape[d] as number];
    if (low >= high) return 0;
    const stride = strides[d] as number;
    last += stride * (stride > 0 ? high - 1 : low);
  }
  return last + 1;
};

/** The shape over which output number `output` of a kernel has its strides. */
export const outputShape = (kernel: Kernel, output: number): Shape => {
  if (kernel.kind === "custom") return kernel.shapes[output] as Shape;
  if (kernel.kind === "sort") return [...kernel.shape.slice(0, -1), kernel.count];
  return kernel.shape.slice(0, kernel.outputs[output]?.strides.length);
};

/** Bytes that each buffer of a kernel must have behind its binding's offset: inputs, then outputs. */
export const bufferNeeds = (kernel: Kernel): number[] => {
  const inputs = kernel.inputs.map(({ dtype, view }) => reach(view) * byteSize(dtype));
  kernel.inputs.forEach(({ shares }, i) => {
    if (shares !== undefined) inputs[shares] = Math.max(inputs[shares] as number, inputs[i] as number);
  });
  const outputs = kernel.outputs.map(({ dtype, strides }, i) => {
    const view = { shape: outputShape(kernel, i), strides, offset: 0, valid: undefined };
    return reach(view) * byteSize(dtype);
  });
  return [...inputs, ...outputs];
};
