import type { Binding, HostArray } from "@gradloom/backend";
import { byteSize, hostArrayOver, UnsupportedError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { disposedError } from "./collect.ts";
import { refuseInTrace, submit } from "./evaluate.ts";

/** Memory to read from; undefined when the host already knows the values. Freed afterwards unless the tensor was evaluated before. */
const source = (t: Tensor): { binding: Binding; kept: boolean } | undefined => {
  refuseInTrace();
  if (t.disposed) throw disposedError(t);
  if (t.host !== undefined) return undefined;
  const kept = t.storage !== undefined || t.device.kept.has(t);
  if (t.storage === undefined) submit(t.device, [t]);
  const buffer = t.storage?.buffer;
  if (buffer === undefined) throw new TypeError(`${t.toString()} has no memory`);
  return { binding: { buffer, byteOffset: 0 }, kept };
};

const receive = (t: Tensor, bytes: ArrayBuffer, kept: boolean): HostArray => {
  const values = hostArrayOver(t.dtype, bytes, 0, t.size);
  if (!kept) {
    t.host = values;
    t.storage?.release();
    t.storage = undefined;
  }
  return values.slice();
};

/** The elements; a tensor that is computed for this keeps them on the host only. */
export const read = async (t: Tensor): Promise<HostArray> => {
  const from = source(t);
  if (from === undefined) return (t.host as HostArray).slice();
  const bytes = await t.device.backend.download(from.binding, t.size * byteSize(t.dtype));
  return t.host === undefined ? receive(t, bytes, from.kept) : t.host.slice();
};

export const readSync = (t: Tensor): HostArray => {
  const { backend } = t.device;
  if (backend.downloadSync === undefined) {
    throw new UnsupportedError("dataSync", `the ${backend.name} device cannot block`, "use await data()");
  }
  const from = source(t);
  if (from === undefined) return (t.host as HostArray).slice();
  return receive(t, backend.downloadSync(from.binding, t.size * byteSize(t.dtype)), from.kept);
};
