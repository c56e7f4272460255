import { OutOfMemoryError } from "../errors.ts";
import { type Behaviour, equal, expect, floats, scaled, thrownBy, withBuffers } from "./behaviour.ts";

/** What the backend says about its memory. */
export const memoryBehaviours: readonly Behaviour[] = [
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
