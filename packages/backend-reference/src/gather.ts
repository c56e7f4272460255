import type { GatherKernel, HostArray, KernelInput } from "@gradloom/backend";
import { isFloat } from "@gradloom/backend";
import { locate } from "./coordinates.ts";
import { compileExpression } from "./map.ts";
import { readView } from "./positions.ts";
import type { Data, Registers } from "./steps.ts";

export const compileGather = (kernel: GatherKernel, registers: Registers): ((data: Data) => void) => {
  const epilogue = compileExpression(kernel, registers);
  const source = kernel.inputs[0] as KernelInput;
  const outside = isFloat(source.dtype) ? Number.NaN : 0;
  return (data) => {
    const values = readView(source, data.inputs[0] as HostArray);
    const places = locate(kernel.coordinates, kernel.shape, source.view.shape, kernel.inputs, data.inputs);
    data.accumulator = Float64Array.from(places, (place) => (place < 0 ? outside : (values[place] as number)));
    epilogue(data);
  };
};
