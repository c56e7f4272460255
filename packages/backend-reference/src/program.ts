import type { Binding, ComputeType, Kernel, KernelKind, Program } from "@gradloom/backend";
import { ArgumentError } from "@gradloom/backend";
import { compileAttention } from "./attention.ts";
import { createBinder } from "./bindings.ts";
import { compileConv } from "./conv.ts";
import { compileCustom } from "./custom.ts";
import { compileGather } from "./gather.ts";
import { compileExpression } from "./map.ts";
import { compileMatmul } from "./matmul.ts";
import type { Memory } from "./memory.ts";
import { compilePool } from "./pool.ts";
import { compileReduce } from "./reduce.ts";
import { wrap } from "./scalarOps.ts";
import { compileScan } from "./scan.ts";
import { compileScatter } from "./scatter.ts";
import { compileSort } from "./sort.ts";
import type { Data, Registers } from "./steps.ts";

type Compiler<K extends KernelKind> = (
  kernel: Extract<Kernel, { kind: K }>,
  registers: Registers,
) => (data: Data) => void;

const compilers: { readonly [K in KernelKind]: Compiler<K> } = {
  map: compileExpression,
  reduce: compileReduce,
  row: compileReduce,
  matmul: compileMatmul,
  conv: compileConv,
  pool: compilePool,
  gather: compileGather,
  scatter: compileScatter,
  scan: compileScan,
  sort: compileSort,
  attention: compileAttention,
  custom: compileCustom,
};

export interface ReferenceProgram extends Program {
  execute(buffers: readonly Binding[], scalars: readonly number[]): void;
}

const empty = new Float64Array(0);

export const createProgram = (name: string, kernel: Kernel, memory: Memory, registers: Registers): ReferenceProgram => {
  const run = (compilers[kernel.kind] as Compiler<KernelKind>)(kernel as never, registers);
  const bind = createBinder(name, kernel, memory);
  const types: readonly ComputeType[] = "scalars" in kernel ? kernel.scalars : [];
  const inputs = kernel.inputs.length;
  return {
    kernel,
    execute: (buffers, scalars) => {
      if (scalars.length !== types.length) {
        throw new ArgumentError(name, `a ${kernel.kind} kernel takes ${types.length} scalars, got ${scalars.length}`);
      }
      const arrays = bind(buffers);
      run({
        inputs: arrays.slice(0, inputs),
        outputs: arrays.slice(inputs),
        scalars: types.map((type, i) => wrap[type](scalars[i] as number)),
        accumulator: empty,
      });
    },
  };
};
