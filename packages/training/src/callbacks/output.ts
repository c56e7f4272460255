import type { MetricValue, Values } from "../metric.ts";

/** Where text goes. */
export interface Output {
  write(text: string): unknown;
  /** Whether lines can be overwritten. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Standard error of Node; nothing elsewhere. */
export const standardError = (): Output => {
  const { process } = globalThis as { readonly process?: { readonly stderr?: Output } };
  return process?.stderr ?? { write: () => undefined };
};

/** Four significant digits, few characters. */
export const formatNumber = (x: number): string => {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? x.toExponential(2) : x.toFixed(size < 10 ? 4 : 2);
};

const isNumber = (entry: [string, MetricValue]): entry is [string, number] => typeof entry[1] === "number";

/** "loss 0.1234  accuracy 0.9876" */
export const formatValues = (values: Values, prefix = ""): string =>
  Object.entries(values)
    .filter(isNumber)
    .map(([name, value]) => `${prefix}${name} ${formatNumber(value)}`)
    .join("  ");
