import { ArgumentError } from "@gradloom/tensor";
import type { EpochRecord } from "../history.ts";
import { namesIn, valueIn } from "../history.ts";

/** Which value is watched, and which way is better. */
export interface MonitorOptions {
  /** A name such as "loss" or "validation.accuracy"; "validation.loss" by default, "loss" without validation. */
  readonly monitor?: string;
  /** By default losses and errors are better when smaller, all else when larger. */
  readonly mode?: "min" | "max";
}

const smallerIsBetter = /loss|error|mse|mae|perplexity|divergence/i;

/** The watched value of an epoch. @throws ArgumentError when there is none of that name. */
export const monitored = (op: string, record: EpochRecord, { monitor, mode: chosen }: MonitorOptions) => {
  const name = monitor ?? (record.validation === undefined ? "loss" : "validation.loss");
  const value = valueIn(record, name);
  if (value === undefined) {
    throw new ArgumentError(op, `there is no number "${name}" to monitor`, `use one of ${namesIn(record).join(", ")}`);
  }
  const mode = chosen ?? (smallerIsBetter.test(name) ? "min" : "max");
  return { name, value, mode };
};
