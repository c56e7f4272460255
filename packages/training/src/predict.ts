import type { HostArray, Tensor } from "@gradloom/tensor";
import { ArgumentError, compile as compiled, tensor } from "@gradloom/tensor";
import { breather } from "./breather.ts";
import type { Batch, Data } from "./data.ts";
import { checkData, takeInputs, timed } from "./data.ts";
import type { Model } from "./mode.ts";
import { callModel, Mode } from "./mode.ts";
import type { PrecisionPolicy } from "./precisionPolicy.ts";

export interface PredictOptions {
  /** Whether the work on a batch is compiled: true by default. */
  readonly compile?: boolean;
  /** How to compute in other types than those of the parameters. */
  readonly precision?: PrecisionPolicy;
  readonly signal?: AbortSignal;
}

/** Host arrays one after the other. */
const joined = (parts: readonly HostArray[]): HostArray => {
  const first = parts[0] as HostArray;
  const length = parts.reduce((n, part) => n + part.length, 0);
  const all = new (first.constructor as new (length: number) => HostArray)(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part as never, offset);
    offset += part.length;
  }
  return all;
};

/**
 * What a model gives for data, in evaluation mode: the outputs of all batches, joined along the first dimension.
 *
 * @param data Batches; only their inputs are looked at.
 * @throws ArgumentError without batches; the signal's reason when it is aborted.
 * @example const logits = await predict(model, loader);
 */
export const predict = async (
  model: Model,
  data: Data<Tensor | Pick<Batch, "inputs"> | readonly [Batch["inputs"], ...unknown[]]>,
  options: PredictOptions = {},
): Promise<Tensor> => {
  checkData("predict", data);
  const plain = (inputs: readonly Tensor[]): Tensor => callModel(model, inputs, options.precision);
  const step = options.compile === false ? plain : compiled(plain);
  const mode = new Mode(model);
  const breathe = breather();
  const parts: HostArray[] = [];
  let last: Tensor | undefined;
  let samples = 0;
  try {
    for await (const batch of timed(data, { waited: 0 })) {
      options.signal?.throwIfAborted();
      mode.evaluate();
      last = step(takeInputs("predict", batch));
      parts.push(await last.data());
      samples += last.shape[0] ?? 0;
      last.dispose();
      await breathe();
    }
  } finally {
    mode.restore();
  }
  if (last === undefined) throw new ArgumentError("predict", "got no batches");
  const { dtype, device, shape } = last;
  return tensor(joined(parts), { dtype, device, shape: [samples, ...shape.slice(1)] });
};
