import type { ComputeType, FusedKernel, KernelInput, KernelOutput } from "@gradloom/backend";
import { computeType } from "@gradloom/backend";
import { type Access, accessThrough, transposedAccess } from "./access.ts";
import { type Affine, type Check, count, type Sizes, transposed } from "./affine.ts";

/** One of the two factors: which input it is, and its element at (batch, row or column, outer, inner). */
export interface Operand {
  readonly input: number;
  readonly access: Access;
}

/**
 * `accumulator[batch, row, column] = sum over outer and inner of left[batch, row, outer, inner] * right[batch, column, outer, inner]`,
 * then the kernel's expression at `position`: what matrix products and all directions of convolutions are.
 */
export interface Product {
  readonly kernel: FusedKernel;
  readonly sizes: Sizes;
  readonly left: Operand;
  readonly right: Operand;
  /** Of batch and outer: where one fails, the terms are not part of the sum. */
  readonly when: readonly Check[];
  /** The position in the kernel's shape. */
  readonly position: readonly Affine[];
  /** Where one fails there is no such position. */
  readonly inside: readonly Check[];
}

/** The same product with rows and columns exchanged. */
export const transposedProduct = (product: Product): Product => {
  const { sizes, left, right, position, inside } = product;
  const turn = ({ input, access }: Operand): Operand => ({ input, access: transposedAccess(access) });
  return {
    ...product,
    sizes: { ...sizes, row: sizes.column, column: sizes.row },
    left: turn(right),
    right: turn(left),
    position: position.map(transposed),
    inside: inside.map((check) => ({ ...check, index: transposed(check.index) })),
  };
};

export const operandThrough = (
  kernel: FusedKernel,
  input: number,
  indices: readonly Affine[],
  sizes: Sizes,
): Operand => ({ input, access: accessThrough((kernel.inputs[input] as KernelInput).view, indices, sizes) });

/** How a further input is read. */
export const inputAccess = ({ kernel, position, sizes }: Product, input: number): Access =>
  accessThrough((kernel.inputs[input] as KernelInput).view, position, sizes);

/** How an output is written. */
export const outputAccess = ({ kernel, position, sizes }: Product, output: number): Access => {
  const { strides } = kernel.outputs[output] as KernelOutput;
  const view = { shape: kernel.shape, strides, offset: 0, valid: undefined };
  return { ...accessThrough(view, position, sizes), checks: [] };
};

/** The type in which terms are multiplied and added. */
export const accumulatorType = ({ kernel, left }: Product): ComputeType =>
  computeType((kernel.inputs[left.input] as KernelInput).dtype);

/** Terms of each sum. */
export const depthOf = ({ sizes }: Product): number => count(sizes, "outer") * count(sizes, "inner");

/** The inputs that the kernel's expression loads. */
export const loadedInputs = ({ kernel }: Product): number[] => [
  ...new Set(kernel.nodes.flatMap((node) => (node.op === "load" ? [node.input] : []))),
];
