import type { Backend, DeviceBuffer } from "@gradloom/backend";

/** What is known of memory that is in use. */
interface Held {
  readonly backend: Backend;
  readonly buffer: DeviceBuffer;
  readonly site: string | undefined;
}

const live = new Set<Held>();

/** The last net: memory of storages that nobody holds any more. */
const collected = new FinalizationRegistry<Held>((held) => {
  live.delete(held);
  held.backend.free(held.buffer);
});

let noteSites = false;

/** Whether storages note where they were made. */
export const setNoteSites = (on: boolean): void => {
  noteSites = on;
};

/** The innermost caller outside the library. */
export const callerLine = (): string => {
  const lines = new Error().stack?.split("\n").slice(2) ?? [];
  return (
    lines.find((line) => !/@gradloom\/|packages\/[\w-]+\/(src|dist)\//.test(line))?.trim() ?? "at an unknown place"
  );
};

/** Device memory of an evaluated tensor or a variable. */
export class Storage {
  #held: Held | undefined;

  constructor(backend: Backend, buffer: DeviceBuffer) {
    this.#held = { backend, buffer, site: noteSites ? callerLine() : undefined };
    live.add(this.#held);
    collected.register(this, this.#held, this);
  }

  /** Undefined once it is freed. */
  get buffer(): DeviceBuffer | undefined {
    return this.#held?.buffer;
  }

  /** Frees the memory; later calls do nothing. */
  release(): void {
    if (this.#held === undefined) return;
    collected.unregister(this);
    live.delete(this.#held);
    this.#held.backend.free(this.#held.buffer);
    this.#held = undefined;
  }
}

/** How many storages of a backend are in use, and where they were made as far as that was noted. */
export const liveStorages = (
  backend: Backend,
): { tensors: number; sites: { site: string; bytes: number; tensors: number }[] } => {
  let tensors = 0;
  const sites = new Map<string, { site: string; bytes: number; tensors: number }>();
  for (const held of live) {
    if (held.backend !== backend) continue;
    tensors++;
    if (held.site === undefined) continue;
    const entry = sites.get(held.site) ?? { site: held.site, bytes: 0, tensors: 0 };
    entry.bytes += held.buffer.bytes;
    entry.tensors++;
    sites.set(held.site, entry);
  }
  return { tensors, sites: [...sites.values()].sort((a, b) => b.bytes - a.bytes) };
};
