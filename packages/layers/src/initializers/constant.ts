import type { RandomOptions, Shape, Tensor } from "@gradloom/tensor";
import { full } from "@gradloom/tensor";

/**
 * One value everywhere.
 *
 * @example new Linear(4, 2, { biasInitializer: (shape, options) => constant(shape, { ...options, value: -4 }) })
 */
export const constant = (shape: Shape, options: RandomOptions & { readonly value?: number } = {}): Tensor =>
  full(shape, options.value ?? 0, options);
