import { UnsupportedError } from "@gradloom/tensor";
import type { Callback } from "../callback.ts";
import type { Output } from "./output.ts";
import { standardError } from "./output.ts";

/** Averages neighbours so that at most `columns` points are left. */
const thinned = (points: readonly number[], columns: number): number[] => {
  const size = Math.ceil(points.length / columns);
  const result: number[] = [];
  for (let i = 0; i < points.length; i += size) {
    const part = points.slice(i, i + size);
    result.push(part.reduce((sum, x) => sum + x, 0) / part.length);
  }
  return result;
};

/**
 * Draws the loss, or another value, in the terminal as it develops. Needs the optional package `asciichart`.
 *
 * @throws UnsupportedError when that is not installed.
 */
export const liveCurves = (
  options: { readonly value?: string; readonly height?: number; readonly output?: Output } = {},
): Callback => {
  const { value = "loss", height = 10, output = standardError() } = options;
  const points: number[] = [];
  let lines = 0;
  return {
    onStart: async () => {
      await chart();
    },
    onValues: async (run, values) => {
      const latest = values[value];
      if (typeof latest !== "number" || !Number.isFinite(latest)) return;
      points.push(latest);
      const { plot } = await chart();
      const columns = Math.max(10, (output.columns ?? 80) - 14);
      const back = output.isTTY === true && lines > 0 ? `\u001b[${lines}A\u001b[0J` : "";
      const drawn = plot(thinned(points, columns), { height });
      if (output.isTTY !== true && run.stepInEpoch !== run.stepsPerEpoch) return;
      output.write(`${back}${value}\n${drawn}\n`);
      lines = drawn.split("\n").length + 1;
    },
    onEpochEnd: () => {
      lines = 0;
    },
  };
};

interface Chart {
  plot(series: readonly number[], options: { readonly height: number }): string;
}

const chart = async (): Promise<Chart> => {
  try {
    // @ts-expect-error: the package has no types.
    const module = (await import("asciichart")) as unknown as Chart & { readonly default?: Chart };
    return module.default ?? module;
  } catch (error) {
    throw new UnsupportedError(
      "liveCurves",
      `cannot load asciichart: ${(error as Error).message}`,
      "npm install asciichart",
    );
  }
};
