import { gradients } from "@gradloom/autograd";
import type { Tensor, Variable } from "@gradloom/tensor";
import {
  ArgumentError,
  assign,
  compile,
  concat,
  DTypeError,
  evaluate,
  ShapeError,
  stack,
  tensor,
} from "@gradloom/tensor";
import { checkParameters } from "./ParameterGroup.ts";
import type { Ranges } from "./settings.ts";
import { complete, count, nonNegative, oneOf, orNothing } from "./settings.ts";
import type { Point } from "./strongWolfe.ts";
import { strongWolfe } from "./strongWolfe.ts";

export interface LBFGSSettings {
  readonly learningRate: number;
  /** Iterations of one step. */
  readonly iterations: number;
  /** Evaluations of the loss in one step; null for 5/4 of the iterations. */
  readonly evaluations: number | null;
  /** Stops where no element of the gradient is larger. */
  readonly toleranceGradient: number;
  /** Stops where loss and parameters change less. */
  readonly toleranceChange: number;
  /** Pairs of steps and gradient changes that are remembered. */
  readonly history: number;
  readonly lineSearch: "none" | "strongWolfe";
}

const defaults: LBFGSSettings = {
  learningRate: 1,
  iterations: 20,
  evaluations: null,
  toleranceGradient: 1e-7,
  toleranceChange: 1e-9,
  history: 100,
  lineSearch: "none",
};

const ranges: Ranges<LBFGSSettings> = {
  learningRate: nonNegative,
  iterations: count,
  evaluations: orNothing(count),
  toleranceGradient: nonNegative,
  toleranceChange: nonNegative,
  history: count,
  lineSearch: oneOf("none", "strongWolfe"),
};

/** A step `s`, the change `y` of the gradient over it, and `1 / (y s)`. */
interface Pair {
  readonly s: Tensor;
  readonly y: Tensor;
  readonly rho: Tensor;
}

const dot = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum();

/** Computes vectors, so that they outlive the parameters that they were made of. */
const computed = async <T extends readonly Tensor[]>(...tensors: T): Promise<T> => {
  await evaluate(...tensors);
  return tensors;
};

const numbers = async (...values: Tensor[]): Promise<number[]> => [...(await stack(values).data())].map(Number);

/**
 * L-BFGS (Nocedal & Wright, "Numerical optimization", 7.2) for small problems without noise, as PyTorch's: a direction from the last
 * steps and gradient changes, then a fixed step or a line search. Vectors stay on the device; a few numbers per iteration are read.
 *
 * @throws ArgumentError, DTypeError for settings out of range and for parameters that cannot be updated.
 * @example
 * const optimizer = new LBFGS(parameters, { lineSearch: "strongWolfe" });
 * const loss = await optimizer.step(() => lossOf(x, y));
 */
export class LBFGS {
  readonly parameters: readonly Variable[];
  readonly settings: Readonly<LBFGSSettings>;
  #history: Pair[] = [];
  #direction: Tensor | undefined;
  #gradient: Tensor | undefined;
  /** Length of the last step. */
  #length = 0;
  #iterations = 0;
  /** Vectors that hold memory. */
  readonly #owned = new Set<Tensor>();

  constructor(parameters: Iterable<Variable>, settings: Partial<LBFGSSettings> = {}) {
    this.settings = complete("LBFGS", defaults, ranges, settings);
    this.parameters = [...parameters];
    checkParameters("LBFGS", this.parameters);
    const types = new Set(this.parameters.map(({ dtype }) => dtype));
    if (types.size > 1) throw new DTypeError("LBFGS", `parameters have several types, got ${[...types].join(" and ")}`);
  }

  // Both loops over the history run each pair as one submission of a schedule that is made once.
  readonly #backward = compile((q: Tensor, { s, y, rho }: Pair): [Tensor, Tensor] => {
    const a = dot(s, q).mul(rho);
    return [q.sub(y.mul(a)), a];
  });

  readonly #forward = compile((r: Tensor, { s, y, rho }: Pair, a: Tensor): Tensor => {
    const b = dot(y, r).mul(rho);
    return r.add(s.mul(a.sub(b)));
  });

  /**
   * Several iterations towards the minimum of the loss.
   *
   * @param closure Builds the loss from the parameters' present values; called many times.
   * @returns The loss before the step.
   */
  async step(closure: () => Tensor): Promise<number> {
    const { learningRate, iterations, toleranceGradient, toleranceChange, lineSearch } = this.settings;
    const most = this.settings.evaluations ?? Math.floor(iterations * 1.25);
    const first = await this.#evaluate(closure);
    let { value, gradient } = first;
    let [largest] = (await numbers(gradient.abs().max())) as [number];
    let evaluations = 1;
    for (let n = 1; n <= iterations && largest > toleranceGradient; n++) {
      this.#iterations++;
      const direction = await this.#nextDirection(gradient);
      const before = value;
      const [slope, size, sum] = (await numbers(
        dot(gradient, direction),
        direction.abs().max(),
        gradient.abs().sum(),
      )) as [number, number, number];
      let length = this.#iterations === 1 ? Math.min(1, 1 / sum) * learningRate : learningRate;
      this.#gradient = gradient;
      this.#direction = direction;
      this.#length = length;
      if (slope > -toleranceChange) break;
      const origin = this.#own(...(await computed(this.#flat(this.parameters.map((p) => p.value)))));
      if (lineSearch === "strongWolfe") {
        const start: Point<Tensor> = { at: 0, value, slope, gradient };
        const search = { toleranceChange, evaluations: most - evaluations, directionSize: size };
        const along = (at: number): Promise<Point<Tensor>> => this.#evaluateAlong(closure, origin, direction, at);
        const found = await strongWolfe(along, start, length, search);
        ({ value, gradient, at: length } = found.point);
        evaluations += found.evaluations;
        this.#move(origin.add(direction.mul(length)));
      } else {
        this.#move(origin.add(direction.mul(length)));
        if (n < iterations) {
          ({ value, gradient } = await this.#evaluate(closure));
          evaluations++;
        }
      }
      this.#length = length;
      // The move is carried out before the vectors that it is made of are freed.
      await computed(gradient);
      [largest] = (await numbers(gradient.abs().max())) as [number];
      this.#sweep(gradient);
      const still = size * Math.abs(length) <= toleranceChange || Math.abs(value - before) < toleranceChange;
      if (still || evaluations >= most) break;
    }
    this.#sweep();
    return first.value;
  }

  /** What a later run needs to go on: the last direction and gradient, the history, oldest first, and two numbers. */
  state(): Record<string, Tensor> {
    const [{ device, dtype }] = this.parameters as [Variable];
    const state: Record<string, Tensor> = {
      progress: tensor([this.#iterations, this.#length], { dtype: dtype === "float64" ? dtype : "float32", device }),
    };
    if (this.#direction !== undefined) state.direction = this.#direction;
    if (this.#gradient !== undefined) state.gradient = this.#gradient;
    this.#history.forEach(({ s, y }, i) => {
      state[`s.${i}`] = s;
      state[`y.${i}`] = y;
    });
    return state;
  }

  /** @throws ArgumentError, ShapeError when the state is not one of these parameters; nothing changes then. */
  async loadState(state: Readonly<Record<string, Tensor>>): Promise<void> {
    const { progress, direction, gradient, ...pairs } = state;
    const n = Object.keys(pairs).length / 2;
    const names = Array.from({ length: n }, (_, i) => [`s.${i}`, `y.${i}`] as const);
    const missing = names.flat().find((name) => !Object.hasOwn(pairs, name));
    if (progress === undefined || missing !== undefined || !Number.isInteger(n)) {
      throw new ArgumentError(
        "LBFGS",
        `the state lacks ${missing ?? (progress === undefined ? "progress" : `s.${n}`)}`,
      );
    }
    const [{ dtype }] = this.parameters as [Variable];
    const size = this.parameters.reduce((sum, p) => sum + p.value.size, 0);
    for (const [name, value] of Object.entries(state)) {
      if (name === "progress" || (value.rank === 1 && value.size === size && value.dtype === dtype)) continue;
      const got = `got ${value.dtype} [${value.shape.join(",")}] for ${dtype} [${size}]`;
      throw new ShapeError("LBFGS", `${name} of the state does not fit, ${got}`);
    }
    const [iterations, length] = (await numbers(progress.slice([0]), progress.slice([1]))) as [number, number];
    // Copies: the vectors of a state may belong to another optimizer.
    const copy = async (x: Tensor): Promise<Tensor> => this.#own(...(await computed(x.mul(1))));
    const history: Pair[] = [];
    for (const [s, y] of names)
      history.push(await this.#pair(await copy(pairs[s] as Tensor), await copy(pairs[y] as Tensor)));
    this.#history = history;
    this.#direction = direction && (await copy(direction));
    this.#gradient = gradient && (await copy(gradient));
    this.#iterations = iterations;
    this.#length = length;
    this.#sweep();
  }

  async #nextDirection(gradient: Tensor): Promise<Tensor> {
    const { history } = this.settings;
    if (this.#iterations === 1 || this.#direction === undefined || this.#gradient === undefined) {
      this.#history = [];
      return this.#own(...(await computed(gradient.neg())));
    }
    const [y, s] = await computed(gradient.sub(this.#gradient), this.#direction.mul(this.#length));
    const [ys] = (await numbers(dot(y, s))) as [number];
    this.#own(y);
    this.#own(s);
    if (ys > 1e-10) {
      if (this.#history.length === history) this.#history.shift();
      this.#history.push(await this.#pair(s, y));
    }
    const [minus] = await computed(gradient.neg());
    let q = this.#own(minus);
    const factors: Tensor[] = [];
    for (let i = this.#history.length - 1; i >= 0; i--) {
      const [next, a] = this.#backward(q, { ...(this.#history[i] as Pair) });
      factors[i] = this.#own(a);
      q = this.#own(next);
    }
    const last = this.#history.at(-1);
    if (last !== undefined) {
      const [scaled] = await computed(q.div(last.rho.mul(dot(last.y, last.y))));
      q = this.#own(scaled);
    }
    this.#history.forEach((pair, i) => {
      q = this.#own(this.#forward(q, { ...pair }, factors[i] as Tensor));
    });
    return q;
  }

  async #pair(s: Tensor, y: Tensor): Promise<Pair> {
    const [rho] = await computed(dot(y, s).reciprocal());
    return { s, y, rho: this.#own(rho) };
  }

  /** Loss and gradient at the parameters' present values. */
  async #evaluate(closure: () => Tensor): Promise<{ readonly value: number; readonly gradient: Tensor }> {
    const loss = closure();
    const [, gradient] = await computed(loss, this.#flat(gradients(loss, this.parameters)));
    const value = await loss.item();
    loss.dispose();
    return { value, gradient: this.#own(gradient) };
  }

  async #evaluateAlong(closure: () => Tensor, origin: Tensor, direction: Tensor, at: number): Promise<Point<Tensor>> {
    this.#move(origin.add(direction.mul(at)));
    const { value, gradient } = await this.#evaluate(closure);
    const [slope] = (await numbers(dot(gradient, direction))) as [number];
    return { at, value, slope, gradient };
  }

  /** All parameters, or all gradients, as one vector. */
  #flat(list: readonly Tensor[]): Tensor {
    return concat(
      list.map((x) => x.reshape([x.size])),
      0,
    );
  }

  /** Gives the parameters the values in one vector. */
  #move(position: Tensor): void {
    let from = 0;
    assign(
      this.parameters.map((p): [Variable, Tensor] => {
        const { size } = p.value;
        const part = position.stridedSlice([from], [size]).reshape(p.shape);
        from += size;
        return [p, part];
      }),
    );
  }

  #own(vector: Tensor): Tensor {
    this.#owned.add(vector);
    return vector;
  }

  /** Frees all vectors but those that the next iteration needs. */
  #sweep(...needed: readonly Tensor[]): void {
    const kept = new Set([
      ...needed,
      this.#direction,
      this.#gradient,
      ...this.#history.flatMap((p) => Object.values(p)),
    ]);
    for (const vector of this.#owned) {
      if (kept.has(vector)) continue;
      vector.dispose();
      this.#owned.delete(vector);
    }
  }
}
