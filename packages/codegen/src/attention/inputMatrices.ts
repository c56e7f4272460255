import { type AttentionKernel, bufferNeeds, type KernelInput } from "@gradloom/backend";
import type { Buffers } from "../buffers.ts";
import type { Source } from "../source.ts";
import { VectorMemory } from "../vectorMemory.ts";
import { hasQuads, Matrix } from "./matrix.ts";

/** Queries, keys, values and mask at a position of the batch; a buffer is read in quads where all that see it can do so. */
export const inputMatrices = (
  s: Source,
  kernel: AttentionKernel,
  buffers: Buffers,
  batch: readonly string[],
): ((index: number) => Matrix) => {
  const { inputs } = kernel;
  const needs = bufferNeeds(kernel);
  const vectors = new Map<number, VectorMemory>();
  const rootOf = (index: number): number => inputs[index]?.shares ?? index;
  const vectorOf = (root: number): VectorMemory | undefined => {
    const sharing = upToInputs(inputs).filter((i) => rootOf(i) === root);
    if (!sharing.every((i) => i < 3 && hasQuads(inputs[i] as KernelInput))) return undefined;
    const { dtype } = inputs[root] as KernelInput;
    const memory = vectors.get(root) ?? new VectorMemory(s, "kernel", root, dtype, needs[root] as number, "read");
    vectors.set(root, memory);
    return memory;
  };
  return (index) => new Matrix(s, inputs[index] as KernelInput, vectorOf(rootOf(index)) ?? buffers.input(index), batch);
};

const upToInputs = (inputs: readonly KernelInput[]): number[] => inputs.map((_, i) => i);
