import type { Tensor } from "@gradloom/tensor";
import { assign, compile as compiled } from "@gradloom/tensor";
import { breather } from "./breather.ts";
import type { Data } from "./data.ts";
import { checkData, inputsOf, samplesIn, takeBatch, timed } from "./data.ts";
import type { Loss } from "./loss.ts";
import { lossOf } from "./loss.ts";
import type { Metrics, Values } from "./metric.ts";
import { Meter } from "./metric.ts";
import type { Model } from "./mode.ts";
import { callModel, Mode } from "./mode.ts";
import type { PrecisionPolicy } from "./precisionPolicy.ts";

export interface EvaluateOptions {
  readonly loss?: Loss;
  readonly metrics?: Metrics;
  /** Whether the work on a batch is compiled: true by default. */
  readonly compile?: boolean;
  /** How to compute in other types than those of the parameters. */
  readonly precision?: PrecisionPolicy;
  readonly signal?: AbortSignal;
}

/** A function that evaluates a model again and again, compiled once. @internal */
export const evaluator = (op: string, model: Model, options: EvaluateOptions) => {
  const { loss, metrics = {}, compile = true, precision } = options;
  const meter = new Meter(op, metrics);
  const plain = (inputs: readonly Tensor[], targets: Tensor, weights: Tensor | undefined): void => {
    const outputs = callModel(model, inputs, precision);
    const value = loss && lossOf(loss, outputs, targets, weights, undefined);
    meter.update(value, outputs, targets, samplesIn({ inputs }));
    assign([]);
  };
  const step = compile ? compiled(plain) : plain;
  const run = async (data: Data, signal: AbortSignal | undefined): Promise<Values> => {
    const mode = new Mode(model);
    const breathe = breather();
    meter.reset();
    try {
      for await (const given of timed(data, { waited: 0 })) {
        signal?.throwIfAborted();
        const batch = takeBatch(op, given);
        mode.evaluate();
        step(inputsOf(batch), batch.targets, batch.weights);
        await breathe();
      }
      return await meter.read();
    } finally {
      mode.restore();
    }
  };
  return { run, dispose: () => meter.dispose() };
};

/**
 * The mean loss and the metrics of a model over data, in evaluation mode. Values add up on the device and are read once, at the end.
 *
 * @throws The signal's reason when it is aborted.
 * @example const { loss, accuracy } = await evaluate(model, testLoader, { loss: crossEntropy, metrics: { accuracy } });
 */
export const evaluate = async (model: Model, data: Data, options: EvaluateOptions = {}): Promise<Values> => {
  checkData("evaluate", data);
  const { run, dispose } = evaluator("evaluate", model, options);
  try {
    return await run(data, options.signal);
  } finally {
    dispose();
  }
};
