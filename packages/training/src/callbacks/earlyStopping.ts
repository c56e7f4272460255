import type { Tensor } from "@gradloom/tensor";
import { evaluate } from "@gradloom/tensor";
import type { Callback } from "../callback.ts";
import type { Model } from "../mode.ts";
import type { MonitorOptions } from "./monitor.ts";
import { monitored } from "./monitor.ts";

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement that are let pass: 3 by default. */
  readonly patience?: number;
  /** How much better counts as better: 0 by default. */
  readonly minDelta?: number;
  /** Whether the model ends with the weights of its best epoch: true by default. */
  readonly restoreBest?: boolean;
}

/** Copies of parameters and buffers that later updates do not touch. */
const copyOf = async (model: Model): Promise<Record<string, Tensor>> => {
  const state = Object.fromEntries(Object.entries(model.stateDict()).map(([name, x]) => [name, x.reshape(x.shape)]));
  await evaluate(...Object.values(state));
  return state;
};

/**
 * Ends training when a value has stopped improving, and gives the model the weights of its best epoch, however training ended.
 *
 * @example earlyStopping({ monitor: "validation.accuracy", patience: 5 })
 */
export const earlyStopping = (options: EarlyStoppingOptions = {}): Callback => {
  const { patience = 3, minDelta = 0, restoreBest = true } = options;
  let best = Number.NEGATIVE_INFINITY;
  let bestEpoch = 0;
  let weights: Record<string, Tensor> | undefined;
  const dispose = (): void => {
    for (const x of Object.values(weights ?? {})) x.dispose();
    weights = undefined;
  };
  return {
    onStart: () => {
      best = Number.NEGATIVE_INFINITY;
      bestEpoch = 0;
    },
    onEpochEnd: async (run, record) => {
      // A pass that was cut short has nothing to compare.
      if (run.records.some(({ validation }) => validation !== undefined) && record.validation === undefined) return;
      const { name, value, sign } = monitored("earlyStopping", record, options);
      if (sign * value > best + (bestEpoch === 0 ? 0 : minDelta)) {
        best = sign * value;
        bestEpoch = record.epoch;
        dispose();
        if (restoreBest) weights = await copyOf(run.model);
      } else if (record.epoch - bestEpoch > patience) {
        run.stop(`${name} has not improved since epoch ${bestEpoch}`);
      }
    },
    onEnd: async (run) => {
      if (weights === undefined) return;
      run.model.loadStateDict(weights);
      await evaluate(...run.model.parameters().map(({ value }) => value));
      dispose();
    },
  };
};
