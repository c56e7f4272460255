import type { Tensor } from "@gradloom/tensor";
import { concat, formatShape, ShapeError, sameShape } from "@gradloom/tensor";
import { Module } from "./module.ts";
import type { Layer } from "./sequential.ts";
import { asModule } from "./sequential.ts";

/**
 * The function that applies layers one after the other: `compose(f, g)(x)` is `g(f(x))`.
 *
 * @example const block = compose(conv, norm, relu)
 */
export const compose =
  (...layers: readonly Layer[]): ((x: Tensor) => Tensor) =>
  (x) =>
    layers.reduce((y, layer) => (layer instanceof Module ? layer.call(y) : layer(y)), x);

/**
 * `body(x) + shortcut(x)`; the shortcut is x itself when left out (He et al., "Deep residual learning", 2016).
 *
 * @throws ShapeError when the two have different shapes.
 * @example new Residual(new Sequential(new Linear(8, 8), relu, new Linear(8, 8)))
 */
export class Residual extends Module {
  static override readonly name: string = "Residual";
  readonly body: Module;
  readonly shortcut: Module | undefined;

  constructor(body: Layer, shortcut?: Layer) {
    super();
    this.body = asModule(body);
    this.shortcut = shortcut && asModule(shortcut);
  }

  forward(x: Tensor): Tensor {
    const y = this.body.call(x);
    const same = this.shortcut === undefined ? x : this.shortcut.call(x);
    if (!sameShape(y.shape, same.shape)) {
      throw new ShapeError(
        "Residual",
        `the body gives ${formatShape(y.shape)}, the shortcut ${formatShape(same.shape)}`,
        "pass a shortcut that brings x to the body's shape",
      );
    }
    return y.add(same);
  }
}

/**
 * Branches side by side on the same input, joined along `axis` (the channels by default).
 *
 * @example new Concat([new Conv2d(8, 4, 1), new Conv2d(8, 4, 3, { padding: 1 })])
 */
export class Concat extends Module {
  static override readonly name: string = "Concat";
  readonly branches: readonly Module[];
  readonly axis: number;

  constructor(branches: readonly Layer[], axis = -1) {
    super();
    this.branches = branches.map(asModule);
    this.axis = axis;
  }

  forward(x: Tensor): Tensor {
    return concat(
      this.branches.map((branch) => branch.call(x)),
      this.axis,
    );
  }
}
