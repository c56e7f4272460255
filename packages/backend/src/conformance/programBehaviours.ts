import { computeType, type HostArray } from "../dtype.ts";
import { GradloomError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { type Behaviour, equal, expect, scaled, thrownBy, withBuffers } from "./behaviour.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, listed } from "./random.ts";
import { runCase } from "./run.ts";

/** The program cache and what the traits promise. */
export const programBehaviours: readonly Behaviour[] = [
  {
    name: "programs/one for equal kernels, whatever the scalars",
    check: (backend) =>
      withBuffers(backend, [68, 68], async (x, y) => {
        backend.prepare(scaled(17, 12345));
        const count = backend.programs;
        backend.upload(x, new Float32Array(17).fill(1));
        for (let i = 0; i < 5; i++) {
          const program = backend.prepare(scaled(17, 12345));
          backend.run([{ program, buffers: [x, y], scalars: [i] }]);
        }
        await backend.synchronize();
        expect(backend.programs === count, `${backend.programs - count} programs more for the same kernel`);
        backend.prepare(scaled(17, 54321));
        expect(backend.programs > count, "another kernel is not counted");
      }),
  },
  {
    name: "programs/kernels that break the rules are refused",
    check: async (backend) => {
      const good = scaled(4, 1);
      const bad: readonly Kernel[] = [
        { ...good, shape: [5] },
        { ...good, outputs: [{ dtype: "int32", node: 4, strides: [1] }] },
        { ...good, outputs: [{ dtype: "float32", node: 9, strides: [1] }] },
        { ...good, scalars: [] },
      ];
      for (const kernel of bad) {
        const error = thrownBy(() => backend.prepare(kernel));
        expect(error instanceof GradloomError, `preparing a broken kernel gives ${error}`);
      }
    },
  },
  {
    name: "traits/what every backend has",
    check: async (backend) => {
      const { storage, compute, maxBuffers, alignment } = backend.traits;
      for (const dtype of ["float32", "int32", "bool"] as const) {
        expect(storage.has(dtype) && compute.has(computeType(dtype)), `${dtype} is missing`);
      }
      for (const dtype of storage) {
        const type = computeType(dtype);
        expect(compute.has(type), `it stores ${dtype} but does not calculate in ${type}`);
      }
      expect(maxBuffers >= 5, "fewer than 5 buffers per kernel");
      expect(alignment > 0 && alignment % 8 === 0, `offsets are multiples of ${alignment}`);
      expect(backend.name.length > 0, "it has no name");
    },
  },
  {
    name: "traits/as many buffers as declared",
    check: async (backend) => {
      const count = Math.min(backend.traits.maxBuffers, 16);
      const operands = Array.from({ length: count - 1 }, (_, i) => operand("float32", [9], exactNumbers(i)));
      const one = fused("", { kind: "map" }, [9], operands, (n) =>
        operands.map((_, i) => n.load(i)).reduce((sum, id) => n.binary("add", sum, id)),
      );
      const expected = Array.from({ length: 9 }, (_, k) =>
        one.inputs.reduce((sum, array) => sum + (array[k] as number), 0),
      );
      const [memory] = await runCase(backend, one);
      equal("sum", (memory as HostArray).slice(0, 9), expected);
    },
  },
  {
    name: "traits/narrow storage beside its neighbours",
    check: async (backend) => {
      // Bytes and half words share machine words with others that must not change.
      for (const dtype of ["uint8", "int8", "bool", "float16", "bfloat16"] as const) {
        if (!backend.traits.storage.has(dtype)) continue;
        const one = fused("", { kind: "map" }, [4], [operand(dtype, [4], listed([1]))], (n) => [
          { node: n.load(0), dtype, strides: [3] },
        ]);
        const [memory] = await runCase(backend, one);
        const host = Array.from(memory as HostArray);
        const value = host[0] as number;
        equal(`${dtype} every third`, [host[3], host[6], host[9]] as number[], [value, value, value]);
        expect(host[1] !== value || host[2] !== value, `${dtype}: the gaps were written`);
      }
    },
  },
];
