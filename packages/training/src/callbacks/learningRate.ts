import type { ReduceOnPlateau, Schedule } from "@gradloom/optimizers";
import type { Callback } from "../callback.ts";
import type { MonitorOptions } from "./monitor.ts";
import { monitored } from "./monitor.ts";

/**
 * Sets the learning rate by a schedule, per step (the default) or per epoch.
 *
 * @example schedule(oneCycle({ rate: 0.01, steps: 1000 }))
 */
export const schedule = (rateAt: Schedule, { per = "step" }: { readonly per?: "step" | "epoch" } = {}): Callback =>
  per === "step"
    ? {
        onStep: ({ optimizer, step }) => {
          optimizer.learningRate = rateAt(step);
        },
      }
    : {
        onEpochStart: ({ optimizer, epoch }) => {
          optimizer.learningRate = rateAt(epoch - 1);
        },
      };

/** Lowers the learning rate when a value has stopped improving. @example plateau(new ReduceOnPlateau(optimizer, { patience: 3 })) */
export const plateau = (reduce: ReduceOnPlateau, options: Omit<MonitorOptions, "mode"> = {}): Callback => ({
  onEpochEnd: (_, record) => {
    reduce.step(monitored("plateau", record, options).value);
  },
});
