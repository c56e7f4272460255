import { EarlyStopping } from "@gradloom/regularization";
import { evaluate } from "@gradloom/tensor";
import type { Callback } from "../callback.ts";
import type { MonitorOptions } from "./monitor.ts";
import { monitored } from "./monitor.ts";

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement until training ends: 3 by default. */
  readonly patience?: number;
  /** How much better counts as better: 0 by default. */
  readonly minDelta?: number;
  /** Whether the model ends with the weights of its best epoch: true by default. */
  readonly restoreBest?: boolean;
}

/**
 * Ends training when a value has stopped improving, and gives the model the weights of its best epoch, however training ended.
 *
 * @example earlyStopping({ monitor: "validation.accuracy", patience: 5 })
 */
export const earlyStopping = (options: EarlyStoppingOptions = {}): Callback => {
  const { patience = 3, minDelta = 0, restoreBest = true } = options;
  let stopping: EarlyStopping | undefined;
  let bestEpoch = 0;
  return {
    onStart: () => {
      stopping = undefined;
    },
    onEpochEnd: async (run, record) => {
      // A pass that was cut short has nothing to compare.
      if (run.records.some(({ validation }) => validation !== undefined) && record.validation === undefined) return;
      const { name, value, mode } = monitored("earlyStopping", record, options);
      const variables = restoreBest ? [...run.model.parameters(), ...run.model.buffers()] : [];
      stopping ??= new EarlyStopping({ patience, minDelta, mode, variables });
      const before = stopping.bestAt;
      if (stopping.step(value)) run.stop(`${name} has not improved since epoch ${bestEpoch}`);
      if (stopping.bestAt !== before) bestEpoch = record.epoch;
    },
    onEnd: async ({ model }) => {
      if (restoreBest && (stopping?.bestAt ?? -1) >= 0) {
        stopping?.restore();
        await evaluate(...model.parameters().map(({ value }) => value));
      }
      stopping?.dispose();
    },
  };
};
