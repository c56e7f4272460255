import type { DType, Shape, Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, norm, normal, ShapeError, stopGradient, Variable } from "@gradloom/tensor";
import type { AnyModule } from "../module/module.ts";
import { requireCount } from "./parameter.ts";
import { Reparametrization, reparametrize } from "./reparametrize.ts";

export interface SpectralNormOptions {
  /** "weight" by default. */
  readonly parameter?: string;
  /** Steps of power iteration at each use in training, 1 by default. */
  readonly iterations?: number;
  /** The least length that a vector is divided by, 1e-12 by default. */
  readonly epsilon?: number;
}

/** Steps of power iteration before the first use. */
const firstIterations = 15;

/** `w = original / s` with the largest singular value s of the original taken as a matrix [inputs, outputs]. */
export class SpectralNorm extends Reparametrization {
  static override readonly name: string = "SpectralNorm";
  readonly shape: Shape;
  readonly dtype: DType;
  readonly iterations: number;
  readonly epsilon: number;
  readonly original: Variable;
  readonly u: Variable;
  readonly v: Variable;

  constructor(weight: Variable, iterations: number, epsilon: number) {
    super();
    requireCount("spectralNorm", "iterations", iterations);
    if (!(epsilon > 0)) throw new ArgumentError("spectralNorm", `epsilon is a number > 0, got ${epsilon}`);
    const { shape, dtype, device } = weight;
    if (shape.length < 2) {
      throw new ShapeError("spectralNorm", `needs a weight [...window, in, out], got ${formatShape(shape)}`);
    }
    this.shape = shape;
    this.dtype = dtype;
    this.iterations = iterations;
    this.epsilon = epsilon;
    this.original = weight;
    const outputs = shape.at(-1) as number;
    const start = this.#unit(normal([weight.value.size / outputs, 1], { dtype, device }));
    const [u, v] = this.#iterate(start, firstIterations);
    this.u = new Variable(u.reshape([outputs]), { name: "u", trainable: false });
    this.v = new Variable(v.reshape([v.size]), { name: "v", trainable: false });
  }

  forward(): Tensor {
    if (this.training) {
      const [u, v] = this.#iterate(this.v.value.unsqueeze(-1), this.iterations);
      this.u.update((current) => u.reshape(current.shape));
      this.v.update((current) => v.reshape(current.shape));
    }
    const u = stopGradient(this.u.value).unsqueeze(-1);
    const v = stopGradient(this.v.value).unsqueeze(0);
    const value = this.original.value;
    const largest = v.matmul(this.#matrix(value)).matmul(u).reshape([]);
    return value.div(largest);
  }

  /** Towards the vectors of the largest singular value, without a gradient. */
  #iterate(v: Tensor, steps: number): [u: Tensor, v: Tensor] {
    const matrix = stopGradient(this.#matrix(this.original.value));
    let u = v;
    for (let i = 0; i < steps; i++) {
      u = this.#unit(matrix.transpose().matmul(v));
      v = this.#unit(matrix.matmul(u));
    }
    return [u, v];
  }

  #matrix(weight: Tensor): Tensor {
    const outputs = weight.shape.at(-1) as number;
    return weight.reshape([weight.size / outputs, outputs]);
  }

  #unit(x: Tensor): Tensor {
    return x.div(norm(x).maximum(this.epsilon));
  }
}

/**
 * Divides a layer's weight by its largest singular value, which power iteration follows while the layer is trained (Miyato et al., 2018). The
 * layer, which is changed and given back, then has the parameter "weight.original" and the buffers "weight.u" and "weight.v" instead of
 * "weight".
 *
 * @throws ArgumentError when the layer has no such parameter; ShapeError when it is no matrix or filter.
 * @example const layer = spectralNorm(new Conv2d(3, 64, 3))
 */
export const spectralNorm = <M extends AnyModule>(module: M, options: SpectralNormOptions = {}): M => {
  const { parameter = "weight", iterations = 1, epsilon = 1e-12 } = options;
  return reparametrize("spectralNorm", module, parameter, (weight) => new SpectralNorm(weight, iterations, epsilon));
};
