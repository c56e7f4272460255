import { ArgumentError } from "@gradloom/backend";
import { checkBatchSize } from "./batch.ts";
import type { Collated } from "./collate.ts";
import type { DataSource } from "./dataset.ts";
import { gatherFrom } from "./dataset.ts";
import { free, upload as uploaded } from "./residentBatch.ts";
import type { Sampler } from "./samplers.ts";
import { randomSampler, sequentialSampler } from "./samplers.ts";

export interface DataLoaderOptions<T, B> {
  /** Examples per batch; 32 by default. */
  readonly batchSize?: number;
  /** Draws a new order for every epoch. */
  readonly shuffle?: boolean;
  /** The same seed gives the same orders; 0 by default. */
  readonly seed?: number;
  /** Chooses the examples of an epoch, instead of `shuffle`. */
  readonly sampler?: Sampler;
  /** Leaves out a last batch that is not full. */
  readonly dropLast?: boolean;
  /** Makes a batch of examples; `collate` by default. */
  readonly collate?: (examples: T[]) => B | Promise<B>;
  /** Batches that are made ahead while one is used; 2 by default. Helps where examples are promises. */
  readonly prefetch?: number;
  /**
   * Puts batches into the memory of the device when they are made, ahead of their use; each is freed when the next one is taken. Worth it
   * for devices with memory of their own. False by default: a batch is uploaded when it is used.
   */
  readonly upload?: boolean;
  /** Ends an epoch early. */
  readonly signal?: AbortSignal;
}

/**
 * Goes through a data set in batches. Each `for await` is one epoch; epochs are counted, so that each has an order of its own and the
 * orders of a second run are those of the first.
 *
 * @example
 * const loader = new DataLoader(digits, { batchSize: 64, shuffle: true, seed: 1 });
 * for await (const [images, labels] of loader) ...
 */
export class DataLoader<T, B = Collated<T>> implements AsyncIterable<B> {
  readonly dataset: DataSource<T>;
  readonly batchSize: number;
  /** Batches per epoch. */
  readonly length: number;
  /** The number of the next epoch; set it to go on where an earlier run ended. */
  epoch = 0;
  readonly #sampler: Sampler;
  readonly #prefetch: number;
  readonly #upload: boolean;
  readonly #make: (indices: ArrayLike<number>) => Promise<B>;
  readonly #signal: AbortSignal | undefined;

  constructor(dataset: DataSource<T>, options: DataLoaderOptions<T, B> = {}) {
    const { batchSize = 32, shuffle = false, seed = 0, dropLast = false, prefetch = 2, collate, signal } = options;
    checkBatchSize("DataLoader", batchSize);
    if (!Number.isInteger(prefetch) || prefetch < 0) {
      throw new ArgumentError("DataLoader", `prefetch is a whole number >= 0, got ${prefetch}`);
    }
    if (options.sampler !== undefined && options.shuffle !== undefined) {
      throw new ArgumentError("DataLoader", "takes a sampler or shuffle, not both");
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.#sampler = options.sampler ?? (shuffle ? randomSampler(dataset, { seed }) : sequentialSampler(dataset));
    this.#prefetch = prefetch;
    this.#upload = options.upload ?? false;
    this.#signal = signal;
    this.length = (dropLast ? Math.floor : Math.ceil)(this.#sampler.length / batchSize);
    this.#make =
      collate === undefined
        ? (indices) => gatherFrom(dataset, indices) as Promise<B>
        : async (indices) => collate(await Promise.all(Array.from(indices, (i) => dataset.get(i))));
  }

  /** One epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<B, void, undefined> {
    const order = Uint32Array.from(this.#sampler.order(this.epoch++));
    const ahead: Promise<B>[] = [];
    try {
      for (let next = 0; next < this.length || ahead.length > 0; ) {
        this.#signal?.throwIfAborted();
        while (next < this.length && ahead.length <= this.#prefetch) {
          const made = this.#make(order.subarray(next * this.batchSize, (next + 1) * this.batchSize));
          const batch = this.#upload ? made.then(uploaded) : made;
          // One that fails ahead of its time, or that nobody takes any more, is no unhandled rejection.
          batch.catch(() => undefined);
          ahead.push(batch);
          next++;
        }
        const batch = await (ahead.shift() as Promise<B>);
        try {
          yield batch;
        } finally {
          if (this.#upload) free(batch);
        }
      }
    } finally {
      for (const batch of this.#upload ? ahead : []) batch.then(free, () => undefined);
    }
  }
}
