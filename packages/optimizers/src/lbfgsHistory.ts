import type { Tensor } from "@gradloom/tensor";
import { compile, evaluate, stack } from "@gradloom/tensor";

/** A step `s`, the change `y` of the gradient over it, and `1 / (y s)`. */
interface Pair {
  readonly s: Tensor;
  readonly y: Tensor;
  readonly rho: Tensor;
}

export const dot = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum();

/** Computes vectors, so that they outlive the parameters that they were made of. */
export const computed = async <T extends readonly Tensor[]>(...tensors: T): Promise<T> => {
  await evaluate(...tensors);
  return tensors;
};

/** Reads tensors of one element each. */
export const numbers = async (...values: Tensor[]): Promise<number[]> => [...(await stack(values).data())].map(Number);

/** Vectors whose memory is freed by whoever made them. */
export class Vectors {
  readonly #owned = new Set<Tensor>();

  own(vector: Tensor): Tensor {
    this.#owned.add(vector);
    return vector;
  }

  /** Frees all vectors but these. */
  sweep(needed: readonly (Tensor | undefined)[]): void {
    const kept = new Set(needed);
    for (const vector of this.#owned) {
      if (kept.has(vector)) continue;
      vector.dispose();
      this.#owned.delete(vector);
    }
  }
}

/** The last steps and changes of the gradient, oldest first: an estimate of the inverse Hessian. */
export class History {
  readonly #size: number;
  readonly #vectors: Vectors;
  #pairs: Pair[] = [];

  constructor(size: number, vectors: Vectors) {
    this.#size = size;
    this.#vectors = vectors;
  }

  // Both loops run each pair as one submission of a schedule that is made once.
  readonly #backward = compile((q: Tensor, { s, y, rho }: Pair): [Tensor, Tensor] => {
    const a = dot(s, q).mul(rho);
    return [q.sub(y.mul(a)), a];
  });

  readonly #forward = compile((r: Tensor, { s, y, rho }: Pair, a: Tensor): Tensor => {
    const b = dot(y, r).mul(rho);
    return r.add(s.mul(a.sub(b)));
  });

  get pairs(): readonly Pair[] {
    return this.#pairs;
  }

  get vectors(): Tensor[] {
    return this.#pairs.flatMap(({ s, y, rho }) => [s, y, rho]);
  }

  clear(): void {
    this.#pairs = [];
  }

  /** Remembers a step in place of the oldest, when there are too many. */
  async add(s: Tensor, y: Tensor): Promise<void> {
    const [rho] = await computed(dot(y, s).reciprocal());
    if (this.#pairs.length === this.#size) this.#pairs.shift();
    this.#pairs.push({ s, y, rho: this.#vectors.own(rho) });
  }

  /** The estimate of the inverse Hessian times `-gradient` (Nocedal & Wright, algorithm 7.4). */
  async direction(gradient: Tensor): Promise<Tensor> {
    const own = (x: Tensor): Tensor => this.#vectors.own(x);
    let [q] = await computed(gradient.neg());
    own(q);
    const factors: Tensor[] = [];
    for (let i = this.#pairs.length - 1; i >= 0; i--) {
      const [next, a] = this.#backward(q, { ...(this.#pairs[i] as Pair) });
      factors[i] = own(a);
      q = own(next);
    }
    const last = this.#pairs.at(-1);
    if (last !== undefined) {
      [q] = await computed(q.div(last.rho.mul(dot(last.y, last.y))));
      own(q);
    }
    this.#pairs.forEach((pair, i) => {
      q = own(this.#forward(q, { ...pair }, factors[i] as Tensor));
    });
    return q;
  }
}
