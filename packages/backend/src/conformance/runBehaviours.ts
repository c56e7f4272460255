import type { Binding, Command } from "../backend.ts";
import type { HostArray } from "../dtype.ts";
import type { SortKernel } from "../kernel.ts";
import { contiguousView } from "../view.ts";
import { type Behaviour, equal, expect, floats, scaled, withBuffers } from "./behaviour.ts";
import { fused, operand } from "./case.ts";
import { runCase } from "./run.ts";

/** Lists of commands, their order, bindings and repetition. */
export const runBehaviours: readonly Behaviour[] = [
  {
    name: "run/commands see the results of earlier ones",
    check: (backend) =>
      withBuffers(backend, [400, 400, 400], async (x, y, z) => {
        const program = backend.prepare(scaled(100, 1));
        backend.upload(x, new Float32Array(100).fill(1));
        const chain = [
          [x, y, 2],
          [y, z, 3],
          [z, x, 4],
          [x, y, 5],
        ] as const;
        backend.run(chain.map(([from, to, factor]) => ({ program, buffers: [from, to], scalars: [factor] })));
        equal("chain", (await floats(backend, y, 100)).slice(0, 3), [206, 206, 206]);
        equal("middle", (await floats(backend, z, 100)).slice(97), [10, 10, 10]);
      }),
  },
  {
    name: "run/calls are ordered with uploads",
    check: (backend) =>
      withBuffers(backend, [40, 40], async (x, y) => {
        const program = backend.prepare(scaled(10, 0));
        for (let i = 1; i <= 5; i++) {
          backend.upload(x, new Float32Array(10).fill(i));
          backend.run([{ program, buffers: [x, y], scalars: [i] }]);
        }
        equal("last", await floats(backend, y, 10), new Array(10).fill(25));
      }),
  },
  {
    name: "run/kernels of growing size in one call",
    check: (backend) =>
      withBuffers(backend, [20000, 20000, 120000, 120000], async (x, y, longX, longY) => {
        const sorted = (size: number): SortKernel => ({
          kind: "sort",
          shape: [size],
          descending: false,
          count: size,
          results: ["values"],
          inputs: [{ dtype: "float32", view: contiguousView([size]) }],
          outputs: [{ dtype: "float32", strides: [1] }],
        });
        const falling = (size: number) => Float32Array.from({ length: size }, (_, i) => size - i);
        backend.upload(x, falling(5000));
        backend.upload(longX, falling(30000));
        backend.run([
          { program: backend.prepare(sorted(5000)), buffers: [x, y], scalars: [] },
          { program: backend.prepare(sorted(30000)), buffers: [longX, longY], scalars: [] },
        ]);
        equal("small", (await floats(backend, y, 5000)).slice(4998), [4999, 5000]);
        equal("large", (await floats(backend, longY, 30000)).slice(29998), [29999, 30000]);
      }),
  },
  {
    name: "run/the lists may be reused",
    check: (backend) =>
      withBuffers(backend, [40, 40, 40], async (x, y, z) => {
        const program = backend.prepare(scaled(10, 0));
        backend.upload(x, new Float32Array(10).fill(1));
        const buffers = [{ ...x }, { ...y }];
        const scalars = [2];
        const commands: Command[] = [{ program, buffers, scalars }];
        backend.run(commands);
        scalars[0] = 3;
        buffers[1] = { ...z };
        backend.run(commands);
        (buffers[1] as Binding).buffer = x.buffer;
        commands.length = 0;
        equal("first", await floats(backend, y, 10), new Array(10).fill(2));
        equal("second", await floats(backend, z, 10), new Array(10).fill(3));
      }),
  },
  {
    name: "run/bindings at offsets of one buffer",
    check: async (backend) => {
      const step = Math.ceil(40 / backend.traits.alignment) * backend.traits.alignment;
      await withBuffers(backend, [3 * step], async ({ buffer }) => {
        const at = (k: number): Binding => ({ buffer, byteOffset: k * step });
        const program = backend.prepare(scaled(10, 1));
        for (const k of [0, 1, 2]) backend.upload(at(k), new Float32Array(10).fill(k + 1));
        if (backend.traits.scratch === "arena") {
          backend.run([{ program, buffers: [at(2), at(1)], scalars: [10] }]);
          equal("result", await floats(backend, at(1), 10), new Array(10).fill(31));
          equal("before", await floats(backend, at(0), 10), new Array(10).fill(1));
          equal("after", await floats(backend, at(2), 10), new Array(10).fill(3));
        }
        await withBuffers(backend, [40], async (y) => {
          backend.run([{ program, buffers: [at(2), y], scalars: [2] }]);
          equal("from the offset", await floats(backend, y, 10), new Array(10).fill(7));
          backend.run([{ program, buffers: [y, at(1)], scalars: [2] }]);
          equal("to the offset", await floats(backend, at(1), 10), new Array(10).fill(15));
          equal("its neighbour", await floats(backend, at(2), 10), new Array(10).fill(3));
        });
      });
    },
  },
  {
    name: "run/nothing",
    check: async (backend) => {
      backend.run([]);
      await backend.synchronize();
      expect((await backend.time([])).length === 0, "no commands take no times");
    },
  },
  {
    name: "run/time runs the commands",
    check: (backend) =>
      withBuffers(backend, [40, 40], async (x, y) => {
        const program = backend.prepare(scaled(10, 0));
        backend.upload(x, new Float32Array(10).fill(2));
        const command = { program, buffers: [x, y], scalars: [4] };
        const times = await backend.time([command, command]);
        expect(times.length === 2 && times.every((ms) => ms >= 0 && ms < 60000), `times are [${times}]`);
        equal("result", await floats(backend, y, 10), new Array(10).fill(8));
      }),
  },
  {
    name: "run/same bits every time",
    check: async (backend) => {
      const x = operand("float32", [37, 1111], (_, count) => Array.from({ length: count }, (_, i) => Math.sin(i)));
      const one = fused("", { kind: "row", reduced: 1 }, [37, 1111], [x], (n) => {
        const sum = n.reduce("sum", n.load(0));
        return [n.binary("div", n.load(0), sum), n.reduce("sum", n.unary("exp", n.load(0)))];
      });
      const first = await runCase(backend, one);
      for (let i = 0; i < 3; i++) {
        for (const [k, memory] of (await runCase(backend, one)).entries()) {
          equal(`run ${i + 2}`, memory, first[k] as HostArray);
        }
      }
    },
  },
];
