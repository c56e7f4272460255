import type { HostArray, KernelInput, PoolKernel } from "@gradloom/backend";
import { computeType, sizeOf } from "@gradloom/backend";
import { compileExpression } from "./map.ts";
import { readView } from "./positions.ts";
import { roundAll } from "./products.ts";
import type { Data, Registers } from "./steps.ts";
import { type Taps, tapsOf } from "./taps.ts";

/** For every element of y, the element of x that is the first largest of its window. */
const largest = (taps: Taps, x: Float64Array, size: number, channels: number): Int32Array => {
  const at = new Int32Array(size).fill(-1);
  taps((xAt, yAt) => {
    for (let c = 0; c < channels; c++) {
      const best = at[yAt * channels + c] as number;
      const value = x[xAt * channels + c] as number;
      const old = x[best] as number;
      if (best < 0 || value > old || (Number.isNaN(value) && !Number.isNaN(old))) {
        at[yAt * channels + c] = xAt * channels + c;
      }
    }
  });
  return at;
};

/** By what each window's sum is divided. */
const divisors = (kernel: PoolKernel, taps: Taps, positions: number): Float64Array => {
  const divisor = new Float64Array(positions).fill(kernel.countPadding ? sizeOf(kernel.window) : 0);
  if (!kernel.countPadding) {
    taps((_, y) => {
      divisor[y] = (divisor[y] as number) + 1;
    });
  }
  return divisor;
};

type Pool = (inputs: readonly Float64Array[], result: Float64Array) => void;

/** Pooling over the taps of each window, in float64, rounded once. */
export const compilePool = (kernel: PoolKernel, registers: Registers): ((data: Data) => void) => {
  const epilogue = compileExpression(kernel, registers);
  const inputs: readonly KernelInput[] = kernel.inputs.slice(0, kernel.mode === "max" ? 2 : 1);
  const other = (inputs.at(-1) as KernelInput).view.shape;
  const first = (inputs[0] as KernelInput).view.shape;
  const [x, y] = kernel.direction === "forward" ? [first, kernel.shape] : [kernel.shape, other];
  const channels = kernel.shape.at(-1) as number;
  const taps = tapsOf(kernel, kernel.shape[0] as number, x.slice(1, -1), y.slice(1, -1), kernel.window);
  const type = computeType((inputs.at(-1) as KernelInput).dtype);

  const add = (to: Float64Array, i: number, value: number) => {
    to[i] = (to[i] as number) + value;
  };
  const pools: Readonly<Record<PoolKernel["mode"], Readonly<Record<PoolKernel["direction"], Pool>>>> = {
    max: {
      forward: ([values, v], result) => {
        const at = largest(taps, values as Float64Array, result.length, channels);
        for (let i = 0; i < result.length; i++) result[i] = v?.[at[i] as number] as number;
      },
      gradient: ([values, dy], result) => {
        const at = largest(taps, values as Float64Array, sizeOf(y), channels);
        for (let i = 0; i < at.length; i++) add(result, at[i] as number, dy?.[i] as number);
      },
    },
    average: {
      forward: ([values], result) => {
        const divisor = divisors(kernel, taps, sizeOf(y.slice(0, -1)));
        taps((xAt, yAt) => {
          for (let c = 0; c < channels; c++) add(result, yAt * channels + c, values?.[xAt * channels + c] as number);
        });
        for (let i = 0; i < result.length; i++) {
          result[i] = (result[i] as number) / (divisor[Math.floor(i / channels)] as number);
        }
      },
      gradient: ([dy], result) => {
        const divisor = divisors(kernel, taps, sizeOf(y.slice(0, -1)));
        taps((xAt, yAt) => {
          for (let c = 0; c < channels; c++) {
            add(result, xAt * channels + c, (dy?.[yAt * channels + c] as number) / (divisor[yAt] as number));
          }
        });
      },
    },
  };
  const pool = pools[kernel.mode][kernel.direction];
  return (data) => {
    const result = new Float64Array(sizeOf(kernel.shape));
    pool(
      inputs.map((input, i) => readView(input, data.inputs[i] as HostArray)),
      result,
    );
    data.accumulator = roundAll(result, type);
    epilogue(data);
  };
};
