import { ModuleBuilder } from "../../../packages/backend-cpu/src/wasm/module.ts";
import { f32x4 } from "../../../packages/backend-cpu/src/wasm/simd.ts";
import type { Local } from "../../../packages/backend-cpu/src/wasm/value.ts";
import type { Case } from "../measure.ts";

type V128Local = Local<"v128">;

/** Independent chains that keep both multipliers and both adders of a core busy, and still fit into 16 registers. */
const chains = 12;
const rounds = 1_000_000;

/** What one core can do at most with 128-bit multiplications and additions: nothing but these, in registers. */
export const peakCases: readonly Case[] = [
  {
    name: "peak_128bit",
    unit: "GFLOP/s",
    work: rounds * chains * 4 * 2,
    scale: 1e9,
    only: { device: "cpu", because: "it measures a core" },
    alone: true,
    prepare: async () => {
      const module = new ModuleBuilder({ shared: false, maxPages: 1 });
      module.add("run", [], ["f32"], (f) => {
        const scale = f.local("v128");
        const shift = f.local("v128");
        f.set(scale, f32x4.const(0.5, 0.5, 0.5, 0.5));
        f.set(shift, f32x4.const(1, 2, 3, 4));
        const sums = Array.from({ length: chains }, () => f.local("v128"));
        f.loop(f.local("i32"), 0, rounds, 1, () => {
          for (const sum of sums) f.set(sum, f32x4.add(f32x4.mul(sum, scale), shift));
        });
        for (const sum of sums.slice(1)) f.set(sums[0] as V128Local, f32x4.add(sums[0] as V128Local, sum));
        f.result(f32x4.extractLane(sums[0] as V128Local, 0));
      });
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
      const run = exports.run as () => number;
      return async () => {
        // Each chain converges to twice its shift.
        if (Math.abs(run() - 2 * chains) > 1e-3) throw new Error("the chains did not converge");
      };
    },
  },
];
