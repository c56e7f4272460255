import type { HostArray, KernelInput, SortKernel } from "@gradloom/backend";
import { sizeOf } from "@gradloom/backend";
import { readView, writeStrided } from "./positions.ts";
import type { Data } from "./steps.ts";

/** Ascending, NaN last. */
const compare = (a: number, b: number): number =>
  a < b ? -1 : a > b ? 1 : a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));

export const compileSort = (kernel: SortKernel): ((data: Data) => void) => {
  const input = kernel.inputs[0] as KernelInput;
  const length = kernel.shape.at(-1) as number;
  const rows = sizeOf(kernel.shape.slice(0, -1));
  const shape = [...kernel.shape.slice(0, -1), kernel.count];
  const sign = kernel.descending ? -1 : 1;
  return (data) => {
    const values = readView(input, data.inputs[0] as HostArray);
    const sorted = { values: new Float64Array(rows * kernel.count), indices: new Float64Array(rows * kernel.count) };
    for (let row = 0; row < rows; row++) {
      const line = values.subarray(row * length, (row + 1) * length);
      const order = Array.from(line, (_, i) => i);
      // Array.prototype.sort is stable.
      order.sort((i, j) => sign * compare(line[i] as number, line[j] as number));
      for (let k = 0; k < kernel.count; k++) {
        sorted.indices[row * kernel.count + k] = order[k] as number;
        sorted.values[row * kernel.count + k] = line[order[k] as number] as number;
      }
    }
    kernel.results.forEach((result, i) => {
      const output = kernel.outputs[i] as SortKernel["outputs"][number];
      writeStrided(output.dtype, data.outputs[i] as HostArray, shape, output.strides, sorted[result]);
    });
  };
};
