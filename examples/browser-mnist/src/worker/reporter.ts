import type { Callback, Run, Values } from "@gradloom/training";
import type { FromWorker, Point } from "../messages.ts";

/** Milliseconds between two messages about progress. */
const every = 100;
/** Steps over which the curves are smoothed. */
const smoothing = 8;

/** Tells the page how training goes; `clock` is a clock that stands still while training does. */
export const reporter = (post: (message: FromWorker) => void, clock: () => number): Callback => {
  let last = 0;
  let seen = { samples: 0, loss: 0, accuracy: 0 };
  let measured = { at: 0, samples: 0 };
  let rate: number | undefined;
  let shown: Point | undefined;

  const progress = (run: Run): void => {
    const now = clock();
    if (measured.at > 0 && run.samples > measured.samples && now > measured.at) {
      const current = (1000 * (run.samples - measured.samples)) / (now - measured.at);
      rate = rate === undefined ? current : 0.9 * rate + 0.1 * current;
    }
    measured = { at: now, samples: run.samples };
    post({ type: "progress", progress: { step: run.step, epoch: run.epoch, samplesPerSecond: rate } });
  };

  /** `fit` gives means since the epoch began; the curves show what came since the last point, smoothed. */
  const sinceLastPoint = (run: Run, values: Values): Point | undefined => {
    const now = { samples: run.samples, loss: Number(values.loss), accuracy: Number(values.accuracy) };
    const fresh = now.samples - seen.samples;
    if (fresh === 0) return undefined;
    const weight = shown === undefined ? 1 : 1 - Math.exp((shown.step - run.step) / smoothing);
    const mean = (of: "loss" | "accuracy"): number => {
      const current = (now[of] * now.samples - seen[of] * seen.samples) / fresh;
      return weight * Math.max(0, current) + (1 - weight) * (shown?.[of] ?? 0);
    };
    shown = { step: run.step, loss: mean("loss"), accuracy: Math.min(1, mean("accuracy")) };
    seen = now;
    return shown;
  };

  return {
    onEpochStart: () => {
      seen = { samples: 0, loss: 0, accuracy: 0 };
      measured = { at: 0, samples: 0 };
    },
    onStep: (run) => {
      if (performance.now() - last < every) return;
      last = performance.now();
      progress(run);
    },
    onValues: (run, values) => {
      const point = sinceLastPoint(run, values);
      if (point !== undefined) post({ type: "point", point });
    },
    onEpochEnd: (run, { validation }) => {
      progress(run);
      if (validation === undefined) return;
      const [loss, accuracy] = [Number(validation.loss), Number(validation.accuracy)];
      post({ type: "tested", epoch: run.epoch, point: { step: run.step, loss, accuracy } });
    },
  };
};
