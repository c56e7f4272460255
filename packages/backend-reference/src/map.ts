import type { FusedKernel, HostArray, KernelOutput } from "@gradloom/backend";
import { argsOf, sizeOf } from "@gradloom/backend";
import { addressesOf, blockSize, writeAt } from "./positions.ts";
import { type Data, type Registers, type Step, stepOf } from "./steps.ts";

const addresses = new Float64Array(blockSize);

/** Writes the register of an output for positions of the first `output.strides.length` dimensions. */
export const storeOf = (kernel: FusedKernel, number: number, from: Float64Array): Step => {
  const output = kernel.outputs[number] as KernelOutput;
  const shape = kernel.shape.slice(0, output.strides.length);
  const address = addressesOf({ shape, strides: output.strides, offset: 0, valid: undefined }, -1);
  return (data, start, count) => {
    address(start, count, addresses);
    writeAt(output.dtype, data.outputs[number] as HostArray, addresses, count, from);
  };
};

/** The nodes that `roots` need, in the order of the list; does not look behind nodes for which `stop` holds. */
export const nodesBehind = (
  kernel: FusedKernel,
  roots: readonly number[],
  stop: (id: number) => boolean = () => false,
): number[] => {
  const needed = new Set(roots);
  for (let id = kernel.nodes.length - 1; id >= 0; id--) {
    const node = kernel.nodes[id];
    if (node && needed.has(id) && !stop(id)) for (const arg of argsOf(node)) needed.add(arg);
  }
  return [...needed].sort((a, b) => a - b);
};

/** Runs a kernel's expression at every position of its shape: all of a map kernel, the epilogue of others. */
export const compileExpression = (kernel: FusedKernel, registers: Registers): ((data: Data) => void) => {
  const ids = nodesBehind(
    kernel,
    kernel.outputs.map((output) => output.node),
  );
  const steps = ids.map((id) => {
    const node = kernel.nodes[id] as Parameters<typeof stepOf>[1];
    return stepOf(kernel, node, kernel.shape.length, (arg) => registers.get(arg), registers.get(id));
  });
  const stores = kernel.outputs.map((output, i) => storeOf(kernel, i, registers.get(output.node)));
  const size = sizeOf(kernel.shape);
  return (data) => {
    for (let start = 0; start < size; start += blockSize) {
      const count = Math.min(blockSize, size - start);
      for (const step of steps) step(data, start, count);
      for (const store of stores) store(data, start, count);
    }
  };
};
