import type { Binding } from "../backend.ts";
import { type Behaviour, equal, floats, withBuffers } from "./behaviour.ts";

/** Uploads and downloads. */
export const transferBehaviours: readonly Behaviour[] = [
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
