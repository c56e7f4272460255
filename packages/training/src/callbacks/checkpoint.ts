import type { Callback, Run } from "../callback.ts";
import type { EpochRecord } from "../history.ts";
import type { MonitorOptions } from "./monitor.ts";
import { monitored } from "./monitor.ts";

export interface CheckpointOptions extends MonitorOptions {
  /** Epochs between checkpoints: 1 by default. */
  readonly every?: number;
  /** Whether only epochs are saved that are better than all before: false by default. */
  readonly bestOnly?: boolean;
}

/**
 * Calls `save` after epochs, also after one that was stopped in the middle.
 *
 * @example checkpoint(({ model }) => saveSafetensors("model.safetensors", model.stateDict()), { bestOnly: true })
 */
export const checkpoint = (
  save: (run: Run, record: EpochRecord) => void | Promise<void>,
  options: CheckpointOptions = {},
): Callback => {
  const { every = 1, bestOnly = false } = options;
  let best = Number.NEGATIVE_INFINITY;
  return {
    onEpochEnd: async (run, record) => {
      if (record.epoch % every !== 0 && record.epoch !== run.epochs) return;
      if (bestOnly) {
        const { value, mode } = monitored("checkpoint", record, options);
        const goodness = mode === "min" ? -value : value;
        if (!(goodness > best)) return;
        best = goodness;
      }
      await save(run, record);
    },
  };
};
