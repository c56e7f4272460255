import { ArgumentError, formatShape, Tensor } from "@gradloom/tensor";

/** What a model is trained on in one step. */
export interface Batch {
  /** What the model takes; a list for a model of several inputs. The first dimension of each is the batch. */
  readonly inputs: Tensor | readonly Tensor[];
  /** What the loss compares the model's output with. */
  readonly targets: Tensor;
  /** How much each sample counts in the loss, [batch]. */
  readonly weights?: Tensor | undefined;
}

/** A batch, also as a tuple as data loaders give it. */
export type BatchLike = Batch | readonly [inputs: Batch["inputs"], targets: Tensor, weights?: Tensor];

/** Anything that gives batches, once per `for` loop: a data loader, a list, a generator function's object with an iterator. */
export type Data<B = BatchLike> = Iterable<B> | AsyncIterable<B>;

/** The inputs of a batch as a list. */
export const inputsOf = ({ inputs }: Pick<Batch, "inputs">): readonly Tensor[] =>
  inputs instanceof Tensor ? [inputs] : inputs;

/** Samples in a batch. */
export const samplesIn = (batch: Pick<Batch, "inputs">): number => inputsOf(batch)[0]?.shape[0] ?? 1;

/** The inputs of what may be a tuple. */
const inputsIn = (batch: unknown): Batch["inputs"] | undefined =>
  typeof batch !== "object" || batch === null
    ? undefined
    : Array.isArray(batch)
      ? (batch[0] as Batch["inputs"])
      : (batch as Partial<Batch>).inputs;

const isInputs = (inputs: unknown): inputs is Batch["inputs"] =>
  inputs instanceof Tensor || (Array.isArray(inputs) && inputs.length > 0 && inputs.every((x) => x instanceof Tensor));

/** The inputs of a batch to predict from. @throws ArgumentError for what has none. */
export const takeInputs = (op: string, batch: unknown): readonly Tensor[] => {
  const inputs = batch instanceof Tensor ? batch : inputsIn(batch);
  if (isInputs(inputs)) return inputsOf({ inputs });
  throw new ArgumentError(op, "takes tensors, or batches { inputs } or [inputs, ...] of tensors");
};

/** What a step is taken with, checked. @throws ArgumentError for what is no batch. */
export const takeBatch = (op: string, given: BatchLike): Batch => {
  const inputs = inputsIn(given);
  const rest = Array.isArray(given) ? { targets: given[1], weights: given[2] } : (given as Batch);
  if (!isInputs(inputs) || !(rest.targets instanceof Tensor)) {
    throw new ArgumentError(
      op,
      "takes batches { inputs, targets } or [inputs, targets] of tensors",
      "map the data, or give the loader a collate function",
    );
  }
  const batch: Batch = { inputs, targets: rest.targets, weights: rest.weights };
  const n = samplesIn(batch);
  for (const [what, x] of [["targets", batch.targets] as const, ["weights", batch.weights] as const]) {
    if (x !== undefined && x.rank > 0 && x.shape[0] !== n) {
      throw new ArgumentError(
        op,
        `a batch has as many ${what} as inputs, got ${formatShape(inputsOf(batch)[0]?.shape ?? [])} and ${formatShape(x.shape)}`,
      );
    }
  }
  return batch;
};

/** Refuses what cannot be iterated over. */
export const checkData = (op: string, data: unknown): void => {
  const given = data as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  if (typeof given?.[Symbol.asyncIterator] !== "function" && typeof given?.[Symbol.iterator] !== "function") {
    throw new ArgumentError(
      op,
      `needs an iterable of batches, got ${typeof data}`,
      "give a data loader or a list of batches",
    );
  }
};

/** Milliseconds spent waiting for the next batch are added to `clock.waited`. */
export async function* timed<B>(data: Data<B>, clock: { waited: number }): AsyncGenerator<B, void, undefined> {
  const iterator =
    Symbol.asyncIterator in data
      ? (data as AsyncIterable<B>)[Symbol.asyncIterator]()
      : (data as Iterable<B>)[Symbol.iterator]();
  let finished = false;
  try {
    for (;;) {
      const began = performance.now();
      const next = await iterator.next();
      clock.waited += performance.now() - began;
      if (next.done === true) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!finished) await iterator.return?.();
  }
}

/** Number of batches, where the data knows it. */
export const lengthOf = (data: Data<unknown>): number | undefined => {
  const { length, size } = data as { readonly length?: unknown; readonly size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : undefined;
};
