import { sizeOf } from "@gradloom/backend";
import type { Tensor } from "../../tensor.ts";

/** Cuts [..., length], several results one after the other, into tensors of the given shapes. */
export const unpack = (packed: Tensor, shapes: readonly (readonly number[])[]): Tensor[] => {
  let from = 0;
  return shapes.map((shape) => {
    const start = from;
    from += sizeOf(shape);
    return packed.slice(["...", { start, stop: from }]).reshape([...packed.shape.slice(0, -1), ...shape]);
  });
};
