import type { RandomOptions, Shape, Tensor } from "@gradloom/tensor";

/**
 * Makes the first value of a parameter. `zeros`, `ones`, `uniform`, `normal` and `truncatedNormal` of `@gradloom/tensor` are
 * initializers too. To set options, wrap one: `(shape, options) => normal(shape, { ...options, std: 0.02 })`.
 */
export type Initializer = (shape: Shape, options?: RandomOptions) => Tensor;
