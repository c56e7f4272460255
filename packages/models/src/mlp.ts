import { Flatten, Linear, Sequential } from "@gradloom/layers";
import { Dropout } from "@gradloom/regularization";
import type { CreateOptions } from "@gradloom/tensor";
import { relu } from "@gradloom/tensor";
import { creation } from "./options.ts";

export interface MlpOptions extends CreateOptions {
  /** Sizes of the hidden layers: [128] by default. */
  readonly hidden?: readonly number[];
  /** Rate of dropout after each hidden layer: 0 by default. */
  readonly dropout?: number;
}

/**
 * Linear layers with a relu after each but the last; all dimensions after the batch are joined first.
 *
 * @example mlp(784, 10, { hidden: [512, 512] })
 */
export const mlp = (inputs: number, outputs: number, options: MlpOptions = {}): Sequential => {
  const { hidden = [128], dropout = 0 } = options;
  const sizes = [inputs, ...hidden];
  const layers = hidden.flatMap((size, i) => [
    new Linear(sizes[i] as number, size, creation(options)),
    relu,
    ...(dropout > 0 ? [new Dropout(dropout)] : []),
  ]);
  return new Sequential(new Flatten(), ...layers, new Linear(sizes.at(-1) as number, outputs, creation(options)));
};
