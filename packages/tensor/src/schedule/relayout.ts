import type { View } from "@gradloom/backend";
import { contiguousStrides, contiguousView, isContiguous } from "@gradloom/backend";
import type { Frame } from "./frame.ts";
import { iterationOrder } from "./frame.ts";
import type { Value } from "./network.ts";
import { applyMoves, copyPrimitive } from "./network.ts";

/**
 * A copy that only reorders dimensions can be had by storing what it copies in the other order. Returns how it looks at its operand when
 * that is so; undefined when it is another value.
 */
export const reorderingView = (value: Value, values: readonly Value[]): View | undefined => {
  const [reach] = value.operands;
  if (value.primitive !== copyPrimitive || reach === undefined) return undefined;
  const base = values[reach.base] as Value;
  if (base.leaf !== undefined || base.size !== value.size || base.dtype !== value.dtype) return undefined;
  const view = applyMoves(contiguousView(base.shape), reach.moves);
  if (view === undefined || view.valid !== undefined || view.offset !== 0 || isContiguous(view)) return undefined;
  return view.strides.every((stride) => stride > 0) ? view : undefined;
};

/**
 * The strides, in iteration order, at which a frame's positions are stored so that the copy's memory is in row-major order; undefined
 * where a dimension of the frame is spread over several of the copy's, or where neighbours would come apart.
 */
export const reorderedStrides = (frame: Frame, view: View): number[] | undefined => {
  const targets = contiguousStrides(view.shape);
  const linear = contiguousStrides(frame.dims);
  const strides: number[] = [];
  for (let d = 0; d < frame.dims.length; d++) {
    const size = frame.dims[d] as number;
    const stride = linear[d] as number;
    const e = view.shape.findIndex((n, i) => {
      const from = view.strides[i] as number;
      return n > 1 && stride >= from && stride % from === 0 && stride * size <= from * n;
    });
    if (size === 1) strides.push(0);
    else if (e < 0) return undefined;
    else strides.push((stride / (view.strides[e] as number)) * (targets[e] as number));
  }
  const inner = strides.filter((_, d) => frame.dims[d] !== 1).at(-1);
  if (inner !== undefined && inner !== 1) return undefined;
  return iterationOrder(frame).map((d) => strides[d] as number);
};
