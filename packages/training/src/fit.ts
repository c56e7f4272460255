import { gradients } from "@gradloom/autograd";
import { GradientAccumulation } from "@gradloom/optimizers";
import type { Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, assign, compile as compiled } from "@gradloom/tensor";
import { breather } from "./breather.ts";
import type { Callback, Run } from "./callback.ts";
import type { Data } from "./data.ts";
import { checkData, inputsOf, lengthOf, samplesIn, takeBatch, timed } from "./data.ts";
import { evaluator } from "./evaluate.ts";
import type { EpochRecord, History } from "./history.ts";
import type { Loss } from "./loss.ts";
import { lossOf } from "./loss.ts";
import type { Metrics, Values } from "./metric.ts";
import { Meter } from "./metric.ts";
import type { Model } from "./mode.ts";
import { callModel, Mode } from "./mode.ts";
import { NanGuard } from "./nanGuard.ts";
import type { PrecisionPolicy } from "./precisionPolicy.ts";
import type { Updater } from "./updater.ts";

export interface FitOptions {
  readonly loss: Loss;
  readonly optimizer: Updater;
  /** Passes over the data, 1 by default. */
  readonly epochs?: number;
  readonly metrics?: Metrics;
  /** Data on which loss and metrics are worked out after each epoch. */
  readonly validation?: Data;
  /** How much a label counts in the loss. */
  readonly classWeights?: readonly number[];
  /** Batches whose gradients are averaged for one update, 1 by default. What an epoch leaves over goes into the next one. */
  readonly accumulate?: number;
  /** How to compute in other types than those of the parameters. */
  readonly precision?: PrecisionPolicy;
  readonly callbacks?: readonly Callback[];
  /** Ends training after the step that runs; `stopped` of the history says so. */
  readonly signal?: AbortSignal;
  /** Whether the whole step is compiled: true by default. Switch it off to debug. */
  readonly compile?: boolean;
  /** Whether a loss that is not finite changes nothing and ends training: true by default. */
  readonly terminateOnNaN?: boolean;
  /** Milliseconds between readings of loss and metrics from the device: 500 by default. */
  readonly readEvery?: number;
  /** Epochs that came before, when training is resumed. */
  readonly firstEpoch?: number;
}

const requireCount = (what: string, n: number, least: number): void => {
  if (!Number.isInteger(n) || n < least)
    throw new ArgumentError("fit", `${what} is a whole number >= ${least}, got ${n}`);
};

/** The optimizer's parameters by their names in the model, in its order. */
const named = (model: Model, parameters: readonly Variable[]): Map<string, Variable> => {
  const updated = new Set(parameters);
  const inModel = [...model.namedParameters()].filter(([, variable]) => updated.delete(variable));
  return new Map([...inModel, ...[...updated].map((variable) => [variable.name, variable] as const)]);
};

/** Forward, backward, update and metrics of one batch: everything that is compiled. */
const stepOf = (model: Model, options: FitOptions, meter: Meter, guard: NanGuard | undefined) => {
  const { loss, optimizer, classWeights, accumulate = 1, compile = true, precision } = options;
  const gradientsOf = precision?.gradients ?? gradients;
  const accumulation = accumulate > 1 ? new GradientAccumulation(optimizer.parameters, accumulate) : undefined;
  const plain = (inputs: readonly Tensor[], targets: Tensor, weights: Tensor | undefined): void => {
    const outputs = callModel(model, inputs, precision);
    const value = lossOf(loss, outputs, targets, weights, classWeights);
    const slopes = gradientsOf(value, optimizer.parameters);
    const next = (list: readonly Tensor[]) => optimizer.updates(list);
    const updates = accumulation === undefined ? next(slopes) : accumulation.updates(slopes, next);
    meter.update(value, outputs, targets, samplesIn({ inputs }));
    assign(guard === undefined ? updates : guard.guard(value, updates));
  };
  return compile ? compiled(plain) : plain;
};

/** The state of a run, which callbacks see as `Run`. */
class Progress implements Run {
  readonly model: Model;
  readonly optimizer: Updater;
  readonly epochs: number;
  readonly stepsPerEpoch: number | undefined;
  readonly records: EpochRecord[] = [];
  epoch = 0;
  step = 0;
  stepInEpoch = 0;
  samples = 0;
  stopped: string | undefined = undefined;

  constructor(model: Model, optimizer: Updater, epochs: number, stepsPerEpoch: number | undefined) {
    this.model = model;
    this.optimizer = optimizer;
    this.epochs = epochs;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  stop(reason: string): void {
    this.stopped ??= reason;
  }
}

/**
 * Trains a model. The whole step (forward, backward, update, metrics) is one compiled submission; loss and metrics add up on the device and
 * are read now and then, so the device does not wait. The model is left in the mode in which it was found.
 *
 * @param data Gives batches `{ inputs, targets, weights? }`, once per epoch.
 * @throws NotFiniteError that names the parameters that are not finite; ArgumentError for options and batches that do not fit.
 * @example const history = await fit(model, loader, { loss: crossEntropy, optimizer: new Adam(model.parameters()), epochs: 3 });
 */
export const fit = async (model: Model, data: Data, options: FitOptions): Promise<History> => {
  const { optimizer, epochs = 1, metrics = {}, validation, callbacks = [], signal } = options;
  const { terminateOnNaN = true, readEvery = 500, firstEpoch = 1 } = options;
  requireCount("epochs", epochs, 0);
  requireCount("accumulate", options.accumulate ?? 1, 1);
  checkData("fit", data);
  if (validation !== undefined) checkData("fit", validation);
  const meter = new Meter("fit", metrics);
  const guard = terminateOnNaN ? new NanGuard(named(model, optimizer.parameters)) : undefined;
  const step = stepOf(model, options, meter, guard);
  const { loss, compile = true, precision = {} } = options;
  const validate = validation && evaluator("fit", model, { loss, metrics, compile, precision });
  const mode = new Mode(model);
  const run = new Progress(model, optimizer, epochs, lengthOf(data));
  const breathe = breather();
  const began = performance.now();
  const aborted = (): void => {
    if (signal?.aborted === true) run.stop("aborted");
  };
  /** Of an epoch that was not cut short; nothing when it is cut short itself. */
  const validated = async (): Promise<Values | undefined> => {
    if (validate === undefined || run.stopped !== undefined) return undefined;
    try {
      return await validate.run(validation as Data, signal);
    } catch (error) {
      aborted();
      if (run.stopped === undefined) throw error;
      return undefined;
    }
  };

  /** One pass over the data; gives its record, or nothing when it was stopped before its first step. */
  const epoch = async (): Promise<EpochRecord | undefined> => {
    const start = performance.now();
    const clock = { waited: 0 };
    let lastRead = start;
    meter.reset();
    run.stepInEpoch = 0;
    run.samples = 0;
    for (const callback of callbacks) await callback.onEpochStart?.(run);
    for await (const given of timed(data, clock)) {
      aborted();
      if (run.stopped !== undefined) break;
      const batch = takeBatch("fit", given);
      for (const callback of callbacks) if (callback.onStep !== undefined) await callback.onStep(run);
      mode.train();
      step(inputsOf(batch), batch.targets, batch.weights);
      run.step++;
      run.stepInEpoch++;
      run.samples += samplesIn(batch);
      if (performance.now() - lastRead >= readEvery) {
        await guard?.check();
        const values = await meter.read();
        for (const callback of callbacks) await callback.onValues?.(run, values);
        lastRead = performance.now();
      }
      await breathe();
    }
    if (run.stepInEpoch === 0) {
      if (run.stopped === undefined) {
        throw new ArgumentError(
          "fit",
          `epoch ${run.epoch} has no batches`,
          "give data that can be iterated over again",
        );
      }
      return undefined;
    }
    await guard?.check();
    const training = await meter.read();
    for (const callback of callbacks) await callback.onValues?.(run, training);
    const elapsed = performance.now() - start;
    return {
      epoch: run.epoch,
      step: run.step,
      training,
      validation: await validated(),
      learningRate: optimizer.learningRate,
      samples: run.samples,
      seconds: elapsed / 1000,
      waiting: elapsed > 0 ? clock.waited / elapsed : 0,
    };
  };

  const history = (): History => ({
    epochs: run.records,
    seconds: (performance.now() - began) / 1000,
    stopped: run.stopped,
  });
  try {
    for (const callback of callbacks) await callback.onStart?.(run);
    for (run.epoch = firstEpoch; run.epoch <= epochs && run.stopped === undefined; run.epoch++) {
      const record = await epoch();
      if (record === undefined) break;
      run.records.push(record);
      for (const callback of callbacks) await callback.onEpochEnd?.(run, record);
    }
  } catch (error) {
    run.stop(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    mode.restore();
    for (const callback of callbacks) await callback.onEnd?.(run, history());
    for (const owner of [meter, guard, validate]) owner?.dispose();
  }
  return history();
};
