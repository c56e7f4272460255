import { isMasked, type KernelInput, type MatmulKernel } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import { type Affine, affine, type Space, term } from "../product/affine.ts";
import { compileProduct } from "../product/compileProduct.ts";
import { operandThrough, type Product } from "../product/product.ts";
import type { GpuProgram, Limits } from "../program.ts";

/**
 * A matrix product. Dimensions of the batch over which one matrix stays the same are rows or columns of the other one's side, so that a
 * batch of thin matrices is one matrix.
 */
export const matmulProduct = (kernel: MatmulKernel): Product => {
  const { shape, inputs } = kernel;
  const [x, w] = inputs as [KernelInput, KernelInput];
  const lead = shape.length - 2;
  const varies = ({ view }: KernelInput, d: number): boolean => view.strides[d] !== 0 || isMasked(view, d);
  const spaces = shape.map((_, d): Space => {
    if (d >= lead) return d === lead ? "row" : "column";
    return !varies(w, d) ? "row" : !varies(x, d) ? "column" : "batch";
  });
  const sizes = {
    batch: [] as number[],
    row: [] as number[],
    column: [] as number[],
    outer: [],
    inner: [] as number[],
  };
  const position = spaces.map((space, d): Affine => {
    const dims = sizes[space as "batch" | "row" | "column"];
    dims.push(shape[d] as number);
    return affine(0, term(space, dims.length - 1));
  });
  sizes.inner.push(x.view.shape.at(-1) as number);
  const depth = affine(0, term("inner", 0));
  const batch = position.slice(0, lead);
  return {
    kernel,
    sizes,
    left: operandThrough(kernel, 0, [...batch, position[lead] as Affine, depth], sizes),
    right: operandThrough(kernel, 1, [...batch, depth, position[lead + 1] as Affine], sizes),
    when: [],
    position,
    inside: [],
  };
};

export const compileMatmul = (kernel: MatmulKernel, dialect: Dialect, limits: Limits): GpuProgram =>
  compileProduct(matmulProduct(kernel), dialect, limits);
