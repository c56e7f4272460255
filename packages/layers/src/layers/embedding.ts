import type { CreateOptions, Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, normal, stopGradient, take } from "@gradloom/tensor";
import type { Initializer } from "../initializers/initializer.ts";
import { Module } from "../module/module.ts";
import { creation, parameter, requireCount } from "./parameter.ts";

export interface EmbeddingOptions extends CreateOptions {
  /** A row that starts as zeros and that training leaves alone; negative numbers count from the end. */
  readonly paddingIndex?: number;
  /** N(0, 1) by default. */
  readonly weightInitializer?: Initializer;
}

/**
 * A table of vectors looked up by whole numbers: integers of any shape [...] give [..., features]. A number that is out of range gives
 * NaN. The weight is [count, features] and starts as N(0, 1).
 *
 * @throws DTypeError for inputs that are not integers.
 * @example new Embedding(10000, 64, { paddingIndex: 0 }).call(tokens)
 */
export class Embedding extends Module {
  static override readonly name: string = "Embedding";
  readonly count: number;
  readonly features: number;
  readonly paddingIndex: number | undefined;
  readonly weight: Variable;

  constructor(count: number, features: number, options: EmbeddingOptions = {}) {
    super();
    requireCount("Embedding", "count", count);
    requireCount("Embedding", "features", features);
    this.count = count;
    this.features = features;
    const { paddingIndex: padding, weightInitializer = normal } = options;
    if (padding !== undefined) {
      if (!Number.isInteger(padding) || padding < -count || padding >= count) {
        throw new ArgumentError("Embedding", `paddingIndex is one of ${-count} to ${count - 1}, got ${padding}`);
      }
      this.paddingIndex = padding < 0 ? padding + count : padding;
    }
    const at = this.paddingIndex;
    const initializer: Initializer = (shape, how) => {
      const table = weightInitializer(shape, how);
      if (at === undefined) return table;
      const isPadding = table
        .constant(1, "bool")
        .reshape([1, 1])
        .zeroPad([at, 0], [count - 1 - at, 0]);
      return isPadding.where(table.constant(0), table);
    };
    this.weight = parameter("weight", initializer, [count, features], creation(options));
  }

  forward(indices: Tensor): Tensor {
    const rows = take(this.weight.value, indices);
    if (this.paddingIndex === undefined) return rows;
    return indices.equal(this.paddingIndex).unsqueeze(-1).where(stopGradient(rows), rows);
  }
}
