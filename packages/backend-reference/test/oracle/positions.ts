import type { HostArray, KernelInput, Shape } from "@gradloom/backend";
import { readElement } from "@gradloom/backend";

export type Position = readonly number[];

/** All positions of a shape, row-major. */
export const positionsOf = (shape: Shape): Position[] =>
  shape.reduce<Position[]>((list, n) => list.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]]);

/** The element that a kernel's input has at a position; 0 where it has none, outside its shape as well. */
export const elementAt = ({ dtype, view }: KernelInput, memory: HostArray, position: Position): number => {
  const exists = view.shape.every((n, d) => {
    const [low, high] = view.valid?.[d] ?? [0, n];
    const i = position[d] as number;
    return i >= low && i < high;
  });
  const address = view.strides.reduce((sum, stride, d) => sum + stride * (position[d] as number), view.offset);
  return exists ? readElement(dtype, memory, address) : 0;
};
