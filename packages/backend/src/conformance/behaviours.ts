import type { Backend, Binding, Command } from "../backend.ts";
import type { HostArray } from "../dtype.ts";
import { computeType, type DType, hostArrayOver } from "../dtype.ts";
import { GradloomError, OutOfMemoryError } from "../errors.ts";
import type { Kernel, MapKernel } from "../kernel.ts";
import { contiguousView } from "../view.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, listed } from "./random.ts";
import { runCase } from "./run.ts";

/** A promise of the interface that no single kernel shows. */
export interface Behaviour {
  readonly name: string;
  check(backend: Backend): Promise<void>;
}

const expect = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise);
};

const equal = (what: string, got: ArrayLike<number>, expected: ArrayLike<number>): void => {
  const [a, b] = [Array.from(got).join(), Array.from(expected).join()];
  expect(a === b, `${what}: got [${a}] instead of [${b}]`);
};

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** y = x * s + c */
const scaled = (size: number, added: number): MapKernel => ({
  kind: "map",
  shape: [size],
  inputs: [{ dtype: "float32", view: contiguousView([size]) }],
  scalars: ["float32"],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "scalar", type: "float32", slot: 0 },
    { op: "mul", type: "float32", args: [0, 1] },
    { op: "constant", type: "float32", value: added },
    { op: "add", type: "float32", args: [2, 3] },
  ],
  outputs: [{ dtype: "float32", node: 4, strides: [1] }],
});

/** Buffers that are given back when `work` ends. */
const withBuffers = async (
  backend: Backend,
  sizes: readonly number[],
  work: (...bindings: Binding[]) => Promise<void>,
): Promise<void> => {
  const bindings = sizes.map((bytes) => ({ buffer: backend.allocate(bytes), byteOffset: 0 }));
  try {
    await work(...bindings);
  } finally {
    for (const { buffer } of bindings) backend.free(buffer);
  }
};

const read = async <D extends DType>(backend: Backend, dtype: D, from: Binding, length: number): Promise<HostArray> => {
  const bytes = await backend.download(from, length * hostArrayOver(dtype, new ArrayBuffer(0), 0, 0).BYTES_PER_ELEMENT);
  return hostArrayOver(dtype, bytes, 0, length);
};

const floats = (backend: Backend, from: Binding, length: number) => read(backend, "float32", from, length);

const memory: readonly Behaviour[] = [
  {
    name: "memory/statistics follow allocate and free",
    check: async (backend) => {
      const before = backend.memory();
      const a = backend.allocate(1000);
      const b = backend.allocate(4096);
      const during = backend.memory();
      expect(a.bytes >= 1000 && b.bytes >= 4096, "a buffer is smaller than asked for");
      expect(during.liveBytes >= before.liveBytes + 5096, "live bytes do not count new buffers");
      expect(during.buffers === before.buffers + 2, "buffers are not counted");
      expect(during.peakBytes >= during.liveBytes, "the peak is below what is live");
      backend.free(a);
      backend.free(b);
      const after = backend.memory();
      expect(after.liveBytes === before.liveBytes, `${after.liveBytes - before.liveBytes} bytes stay live after free`);
      expect(after.buffers === before.buffers, "freed buffers are counted");
      expect(after.peakBytes >= during.liveBytes, "the peak is forgotten");
    },
  },
  {
    name: "memory/an absurd request is refused",
    check: async (backend) => {
      const before = backend.memory();
      const error = thrownBy(() => backend.allocate(2 ** 52));
      expect(error instanceof OutOfMemoryError, `allocating 2^52 bytes gives ${error}`);
      expect(backend.memory().liveBytes === before.liveBytes, "a refused buffer is counted");
      await withBuffers(backend, [16], async (x) => {
        backend.upload(x, new Float32Array([1, 2, 3, 4]));
        equal("memory after the refusal", await floats(backend, x, 4), [1, 2, 3, 4]);
      });
    },
  },
  {
    name: "memory/many buffers keep apart",
    check: async (backend) => {
      const sizes = Array.from({ length: 40 }, (_, i) => 4 * (1 + ((i * 37) % 91)));
      await withBuffers(backend, sizes, async (...bindings) => {
        bindings.forEach((binding, i) => {
          backend.upload(binding, new Float32Array((sizes[i] as number) / 4).fill(i));
        });
        for (const [i, binding] of bindings.entries()) {
          const length = (sizes[i] as number) / 4;
          equal(`buffer ${i}`, await floats(backend, binding, length), new Array(length).fill(i));
        }
      });
    },
  },
  {
    name: "memory/empty buffers",
    check: (backend) =>
      withBuffers(backend, [0], async (x) => {
        backend.upload(x, new Float32Array(0));
        expect((await backend.download(x, 0)).byteLength === 0, "an empty download has bytes");
      }),
  },
  {
    name: "memory/freed while work is under way",
    check: (backend) =>
      withBuffers(backend, [4000], async (y) => {
        const program = backend.prepare(scaled(1000, 1));
        const x = { buffer: backend.allocate(4000), byteOffset: 0 };
        backend.upload(x, new Float32Array(1000).fill(3));
        backend.run([{ program, buffers: [x, y], scalars: [2] }]);
        backend.free(x.buffer);
        await withBuffers(backend, [4000], async (z) => {
          backend.upload(z, new Float32Array(1000).fill(-1));
          equal("result", await floats(backend, y, 1000), new Array(1000).fill(7));
        });
      }),
  },
];

const transfers: readonly Behaviour[] = [
  {
    name: "transfer/bytes of any number",
    check: async (backend) => {
      for (const count of [1, 2, 3, 5, 7, 13, 1021]) {
        await withBuffers(backend, [count], async (x) => {
          const bytes = Uint8Array.from({ length: count }, (_, i) => (i * 7 + count) % 256);
          backend.upload(x, bytes);
          equal(`${count} bytes`, new Uint8Array(await backend.download(x, count)), bytes);
        });
      }
    },
  },
  {
    name: "transfer/offsets",
    check: async (backend) => {
      const step = backend.traits.alignment;
      await withBuffers(backend, [4 * step], async ({ buffer }) => {
        const at = (k: number): Binding => ({ buffer, byteOffset: k * step });
        backend.upload(at(0), new Uint8Array(4 * step).fill(9));
        backend.upload(at(2), new Uint8Array([1, 2, 3, 4]));
        equal("at the offset", new Uint8Array(await backend.download(at(2), 4)), [1, 2, 3, 4]);
        const all = new Uint8Array(await backend.download(at(0), 4 * step));
        equal("before the offset", all.subarray(2 * step - 4, 2 * step), [9, 9, 9, 9]);
        equal("after the data", all.subarray(2 * step + 4, 2 * step + 8), [9, 9, 9, 9]);
      });
    },
  },
  {
    name: "transfer/the host array may change afterwards",
    check: (backend) =>
      withBuffers(backend, [16], async (x) => {
        const data = new Float32Array([1, 2, 3, 4]);
        backend.upload(x, data);
        data.fill(0);
        equal("upload", await floats(backend, x, 4), [1, 2, 3, 4]);
      }),
  },
  {
    name: "transfer/part of a larger host array",
    check: (backend) =>
      withBuffers(backend, [8], async (x) => {
        backend.upload(x, new Float32Array([1, 2, 3, 4, 5]).subarray(2, 4));
        equal("upload", await floats(backend, x, 2), [3, 4]);
      }),
  },
  {
    name: "transfer/a download is a copy",
    check: (backend) =>
      withBuffers(backend, [8], async (x) => {
        backend.upload(x, new Float32Array([1, 2]));
        const first = await floats(backend, x, 2);
        backend.upload(x, new Float32Array([3, 4]));
        equal("earlier download", first, [1, 2]);
        const [a, b] = await Promise.all([floats(backend, x, 2), floats(backend, x, 1)]);
        equal("downloads at one time", [...a, ...b], [3, 4, 3]);
        const blocking = backend.downloadSync?.(x, 8);
        if (blocking) equal("blocking download", new Float32Array(blocking), [3, 4]);
      }),
  },
];

const running: readonly Behaviour[] = [
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

const programs: readonly Behaviour[] = [
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

/** What backends promise beside their kernels. */
export const behaviours = (): readonly Behaviour[] => [...memory, ...transfers, ...running, ...programs];
