import { ArgumentError } from "@gradloom/tensor";

/** What follows a layer. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

const gains: Readonly<Record<Nonlinearity, (slope: number) => number>> = {
  linear: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyRelu: (slope) => Math.sqrt(2 / (1 + slope ** 2)),
  selu: () => 3 / 4,
};

/**
 * The factor by which weights are made larger because of the nonlinearity that follows, as PyTorch's `calculate_gain`.
 *
 * @param slope Of leakyRelu for negative inputs.
 * @throws ArgumentError for an unknown nonlinearity.
 * @example gain("relu") // 1.414
 */
export const gain = (nonlinearity: Nonlinearity, slope = 0.01): number => {
  if (!Object.hasOwn(gains, nonlinearity)) {
    throw new ArgumentError(
      "gain",
      `unknown nonlinearity "${String(nonlinearity)}"`,
      `use one of ${Object.keys(gains).join(", ")}`,
    );
  }
  return gains[nonlinearity](slope);
};
