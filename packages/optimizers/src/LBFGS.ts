import { gradients } from "@gradloom/autograd";
import type { Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, assign, concat, DTypeError, ShapeError, tensor } from "@gradloom/tensor";
import { computed, dot, History, numbers, Vectors } from "./lbfgsHistory.ts";
import { checkParameters } from "./ParameterGroup.ts";
import type { SettingRanges } from "./settings.ts";
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

const ranges: SettingRanges<LBFGSSettings> = {
  learningRate: nonNegative,
  iterations: count,
  evaluations: orNothing(count),
  toleranceGradient: nonNegative,
  toleranceChange: nonNegative,
  history: count,
  lineSearch: oneOf("none", "strongWolfe"),
};

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
  #direction: Tensor | undefined;
  #gradient: Tensor | undefined;
  /** Length of the last step. */
  #length = 0;
  #iterations = 0;
  readonly #vectors = new Vectors();
  readonly #history: History;

  constructor(parameters: Iterable<Variable>, settings: Partial<LBFGSSettings> = {}) {
    this.settings = complete("LBFGS", defaults, ranges, settings);
    this.#history = new History(this.settings.history, this.#vectors);
    this.parameters = [...parameters];
    checkParameters("LBFGS", this.parameters);
    const types = new Set(this.parameters.map(({ dtype }) => dtype));
    if (types.size > 1) throw new DTypeError("LBFGS", `parameters have several types, got ${[...types].join(" and ")}`);
  }

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
      const origin = this.#vectors.own(...(await computed(this.#flat(this.parameters.map((p) => p.value)))));
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
    this.#history.pairs.forEach(({ s, y }, i) => {
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
    const copy = async (x: Tensor): Promise<Tensor> => this.#vectors.own(...(await computed(x.mul(1))));
    this.#history.clear();
    for (const [s, y] of names) await this.#history.add(await copy(pairs[s] as Tensor), await copy(pairs[y] as Tensor));
    this.#direction = direction && (await copy(direction));
    this.#gradient = gradient && (await copy(gradient));
    this.#iterations = iterations;
    this.#length = length;
    this.#sweep();
  }

  async #nextDirection(gradient: Tensor): Promise<Tensor> {
    if (this.#iterations === 1 || this.#direction === undefined || this.#gradient === undefined) {
      this.#history.clear();
    } else {
      const [y, s] = await computed(gradient.sub(this.#gradient), this.#direction.mul(this.#length));
      const [ys] = (await numbers(dot(y, s))) as [number];
      for (const vector of [y, s]) this.#vectors.own(vector);
      if (ys > 1e-10) await this.#history.add(s, y);
    }
    return this.#history.direction(gradient);
  }

  /** Loss and gradient at the parameters' present values. */
  async #evaluate(closure: () => Tensor): Promise<{ readonly value: number; readonly gradient: Tensor }> {
    const loss = closure();
    const [, gradient] = await computed(loss, this.#flat(gradients(loss, this.parameters)));
    const value = await loss.item();
    loss.dispose();
    return { value, gradient: this.#vectors.own(gradient) };
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

  /** Frees all vectors but those that the next iteration needs. */
  #sweep(gradient?: Tensor): void {
    this.#vectors.sweep([gradient, this.#direction, this.#gradient, ...this.#history.vectors]);
  }
}
