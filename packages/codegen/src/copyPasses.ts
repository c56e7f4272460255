import { computeType, type Kernel, type KernelInput, type MapKernel } from "@gradloom/backend";
import type { Dialect } from "./dialect.ts";
import { compileMap } from "./kernels/map.ts";
import type { BufferUse, Limits, Pass } from "./program.ts";

/** Where a copy reads: an input of a kernel, or a scratch buffer. */
export interface CopySource extends KernelInput {
  readonly of: BufferUse["of"];
  readonly index: number;
}

/** Passes that copy what a view shows to the places of an output of `kernel`. */
export const copyPasses = (
  kernel: Kernel,
  from: CopySource,
  output: number,
  dialect: Dialect,
  limits: Limits,
): readonly Pass[] => {
  const { dtype, strides } = kernel.outputs[output] as Kernel["outputs"][number];
  const map: MapKernel = {
    kind: "map",
    shape: from.view.shape,
    inputs: [{ dtype: from.dtype, view: from.view }],
    scalars: [],
    nodes: [{ op: "load", type: computeType(dtype), input: 0 }],
    outputs: [{ dtype, node: 0, strides }],
  };
  const places = [from, { of: "kernel" as const, index: kernel.inputs.length + output }];
  return compileMap(map, dialect, limits).passes.map((pass) => ({
    ...pass,
    name: "copy",
    uses: pass.uses.map((use) => {
      const { of, index } = places[use.index] as (typeof places)[number];
      return { ...use, of, index };
    }),
  }));
};
