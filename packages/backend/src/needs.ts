import type { BackendTraits } from "./backend.ts";
import type { ComputeType, DType } from "./dtype.ts";
import { computeType } from "./dtype.ts";
import type { Kernel } from "./kernel.ts";
import { bufferNeeds } from "./reach.ts";

/** The types that a kernel stores (or rounds to) and calculates in. */
export interface KernelTypes {
  readonly storage: ReadonlySet<DType>;
  readonly compute: ReadonlySet<ComputeType>;
}

export const typesOf = (kernel: Kernel): KernelTypes => {
  const storage = new Set<DType>([...kernel.inputs, ...kernel.outputs].map(({ dtype }) => dtype));
  const compute = new Set<ComputeType>([...storage].map(computeType));
  if ("scalars" in kernel) for (const type of kernel.scalars) compute.add(type);
  if ("nodes" in kernel) {
    for (const node of kernel.nodes) {
      compute.add(node.type);
      if (node.op === "cast") storage.add(node.to);
    }
  }
  return { storage, compute };
};

/** How many of `maxBuffers` a buffer of so many bytes is. */
export const bindingsOf = (bytes: number, { bindingBytes = Infinity }: BackendTraits): number =>
  Math.max(1, Math.ceil(bytes / bindingBytes));

/** Which of its traits keeps a backend from running a kernel; undefined when none does. */
export const unmetNeed = (kernel: Kernel, traits: BackendTraits): string | undefined => {
  if (traits.lacks?.has(kernel.kind)) return `it has no ${kernel.kind} kernels`;
  const { storage, compute } = typesOf(kernel);
  for (const dtype of storage) if (!traits.storage.has(dtype)) return `it has no ${dtype} memory`;
  for (const type of compute) if (!traits.compute.has(type)) return `it does not calculate in ${type}`;
  const buffers = bufferNeeds(kernel)
    .filter((_, i) => kernel.inputs[i]?.shares === undefined)
    .reduce((count, bytes) => count + bindingsOf(bytes, traits), 0);
  return buffers > traits.maxBuffers ? `it binds at most ${traits.maxBuffers} buffers, not ${buffers}` : undefined;
};
