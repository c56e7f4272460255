import { contiguousStrides, isMasked, type KernelInput } from "@gradloom/backend";
import type { Copy } from "./matmulCopy.ts";
import type { Element } from "./matmulElement.ts";
import type { Area } from "./matmulUnits.ts";

/** An input as strides in elements over [batch, depth, height, width, channels] or [depth, height, width, inner, outer]. */
export interface ConvOperand {
  readonly input: number;
  readonly strides: readonly [number, number, number, number, number];
  readonly offset: number;
  /** Where in the scratch memory its copy lies, if it has one. */
  readonly copy: number | undefined;
}

/**
 * Describes an input, with 1 put in for missing spatial dimensions at `at`. It is copied first when its elements have to be converted,
 * some are missing, its last dimension should be contiguous and is not, or the
 * one before should step forwards and does not.
 */
export const convOperand = (
  input: number,
  { dtype, view }: KernelInput,
  element: Element,
  at: number,
  dense: boolean,
  scratch: Area,
  copies: Copy[],
  forwards = false,
): ConvOperand => {
  const masked = view.shape.some((_, d) => isMasked(view, d));
  const backwards = forwards && (view.strides.at(-2) as number) <= 0;
  const scattered = dense && view.strides.at(-1) !== 1 && view.shape.at(-1) !== 1;
  const extend = (strides: readonly number[]): ConvOperand["strides"] =>
    [
      ...strides.slice(0, at),
      ...Array<number>(5 - strides.length).fill(0),
      ...strides.slice(at),
    ] as unknown as ConvOperand["strides"];
  if (dtype === element.type && !masked && !scattered && !backwards) {
    return { input, strides: extend(view.strides), offset: view.offset, copy: undefined };
  }
  const copy = scratch.take(view.shape.reduce((size, n) => size * n, element.bytes));
  copies.push({ input, view, offset: copy });
  return { input, strides: extend(contiguousStrides(view.shape)), offset: 0, copy };
};
