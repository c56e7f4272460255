import type { FusedKernel, KernelOutput } from "@gradloom/backend";
import type { Buffers } from "./buffers.ts";
import { ExpressionPrinter, type Leaves } from "./expression.ts";
import { addressName } from "./readView.ts";
import type { Source } from "./source.ts";

/** Calculates a kernel's outputs from what it accumulated for a position, and stores them. */
export const storeOutputs = (s: Source, kernel: FusedKernel, buffers: Buffers, leaves: Leaves): void => {
  const printer = new ExpressionPrinter(s, kernel, buffers, leaves);
  const values = kernel.outputs.map(({ node }) => printer.value(node));
  kernel.outputs.forEach(({ strides }: KernelOutput, i) => {
    buffers.output(i).store(addressName(s, strides, leaves.position), values[i] as string);
  });
};
