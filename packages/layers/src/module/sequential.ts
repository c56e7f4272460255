import type { Tensor } from "@gradloom/tensor";
import { Lambda } from "./lambda.ts";
import { Module } from "./module.ts";
import { contents } from "./walk.ts";

/** What makes one tensor of another: a module or a plain function. */
export type Layer = Module | ((x: Tensor) => Tensor);

export const asModule = (layer: Layer): Module => (layer instanceof Module ? layer : new Lambda(layer));

/**
 * Layers one after the other; plain functions may stand between modules. Parameters are named by position: "0.weight".
 *
 * @example new Sequential(new Conv2d(1, 8, 3), relu, new MaxPool2d(2), new Flatten(), new Linear(1352, 10))
 */
export class Sequential extends Module {
  static override readonly name: string = "Sequential";
  readonly layers: readonly Module[];

  constructor(...layers: readonly Layer[]) {
    super();
    this.layers = layers.map(asModule);
  }

  /** @internal */
  get [contents](): readonly Module[] {
    return this.layers;
  }

  get length(): number {
    return this.layers.length;
  }

  /** The layer at a position; negative ones count from the end. */
  at(position: number): Module | undefined {
    return this.layers.at(position);
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.layers[Symbol.iterator]();
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => layer.call(y), x);
  }
}
