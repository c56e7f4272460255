import type { ConvKernel, MapKernel } from "@gradloom/backend";
import { sizeOf } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions } from "../compiled.ts";
import { isDepthwise } from "./convChannels.ts";
import { compileDepthwise } from "./convDepthwise.ts";
import { compileGather } from "./convGather.ts";
import { convGeometry } from "./convGeometry.ts";
import { compileWeightGradient } from "./convWeightGradient.ts";
import { compileMap } from "./map.ts";

/** Convolution and its gradients. */
export const compileConv = (kernel: ConvKernel, options: CompileOptions): CompiledKernel => {
  const addsNothing = kernel.inputs.slice(0, 2).some(({ view }) => sizeOf(view.shape) === 0);
  if (addsNothing && sizeOf(kernel.shape) > 0) return compileMap(emptySums(kernel), options);
  if (isDepthwise(convGeometry(kernel))) return compileDepthwise(kernel, options);
  return kernel.direction === "weightGradient"
    ? compileWeightGradient(kernel, options)
    : compileGather(kernel, options);
};

/** What follows on sums of no products, such as those over no channels: they are 0. The operands stay bound and are never read. */
const emptySums = ({ shape, inputs, scalars, nodes, outputs }: ConvKernel): MapKernel => ({
  kind: "map",
  shape,
  // A map's inputs have its shape.
  inputs: inputs.map((input, i) =>
    i < 2 ? { ...input, view: { ...input.view, shape, strides: shape.map(() => 0) } } : input,
  ),
  scalars,
  nodes: nodes.map((node) => (node.op === "accumulator" ? { op: "constant", type: node.type, value: 0 } : node)),
  outputs,
});
