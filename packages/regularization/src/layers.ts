import { Module } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { ArgumentError } from "@gradloom/tensor";
import {
  alphaDropout,
  checkRate,
  dropConnect,
  dropout,
  dropPath,
  gaussianDropout,
  gaussianNoise,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from "./dropout.ts";

/** A layer with a rate that acts in training only. */
export type RateLayer = new (rate?: number) => Module & { readonly rate: number };

/** The class of layers that apply `fn` in training and give back their input in evaluation. */
const rateLayer = (
  name: string,
  fn: (x: Tensor, rate: number) => Tensor,
  { rate: byDefault = 0.5, limit = "1]" }: { rate?: number; limit?: "1]" | "1)" } = {},
): RateLayer => {
  const classes = {
    [name]: class extends Module {
      readonly rate: number;

      constructor(rate = byDefault) {
        super();
        if (!(rate >= 0 && (limit === "1]" ? rate <= 1 : rate < 1))) {
          throw new ArgumentError(name, `the rate lies in [0, ${limit}, got ${rate}`);
        }
        this.rate = rate;
      }

      forward(x: Tensor): Tensor {
        return this.training ? fn(x, this.rate) : x;
      }
    },
  };
  return classes[name] as RateLayer;
};

/** `dropout` in training. @example new Sequential(new Linear(784, 128), relu, new Dropout(0.5), new Linear(128, 10)) */
export const Dropout: RateLayer = rateLayer("Dropout", dropout);

/** `spatialDropout1d` in training. */
export const SpatialDropout1d: RateLayer = rateLayer("SpatialDropout1d", spatialDropout1d);

/** `spatialDropout2d` in training. */
export const SpatialDropout2d: RateLayer = rateLayer("SpatialDropout2d", spatialDropout2d);

/** `spatialDropout3d` in training. */
export const SpatialDropout3d: RateLayer = rateLayer("SpatialDropout3d", spatialDropout3d);

/** `alphaDropout` in training. */
export const AlphaDropout: RateLayer = rateLayer("AlphaDropout", alphaDropout, { limit: "1)" });

/** `gaussianDropout` in training. */
export const GaussianDropout: RateLayer = rateLayer("GaussianDropout", gaussianDropout, { limit: "1)" });

/** `dropPath` in training, sample by sample. @example new Residual(new Sequential(block, new DropPath(0.1))) */
export const DropPath: RateLayer = rateLayer("DropPath", dropPath, { rate: 0.1 });

/**
 * `gaussianNoise` in training.
 *
 * @throws ArgumentError for a negative std.
 */
export class GaussianNoise extends Module {
  static override readonly name: string = "GaussianNoise";
  readonly std: number;

  constructor(std = 1) {
    super();
    if (!(std >= 0)) throw new ArgumentError("GaussianNoise", `std is a number >= 0, got ${std}`);
    this.std = std;
  }

  forward(x: Tensor): Tensor {
    return this.training ? gaussianNoise(x, this.std) : x;
  }
}

export interface DropConnectOptions {
  /** The field of the layer that holds its weight; "weight" by default. */
  readonly parameter?: string;
}

/**
 * A layer whose weight loses elements in training, as `dropConnect` does.
 *
 * @throws ArgumentError for a rate outside [0, 1], or a layer without such a weight.
 * @example new DropConnect(new Linear(784, 128), 0.2)
 */
export class DropConnect extends Module {
  static override readonly name: string = "DropConnect";
  readonly layer: Module;
  readonly rate: number;
  readonly parameter: string;

  constructor(layer: Module, rate = 0.5, { parameter = "weight" }: DropConnectOptions = {}) {
    super();
    checkRate("DropConnect", rate);
    if (!isValue((layer as unknown as Record<string, unknown>)[parameter])) {
      throw new ArgumentError(
        "DropConnect",
        `${layer.constructor.name} has no parameter "${parameter}" of its own`,
        "name one with { parameter }",
      );
    }
    this.layer = layer;
    this.rate = rate;
    this.parameter = parameter;
  }

  forward(x: Tensor): Tensor {
    if (!this.training) return this.layer.call(x);
    // The layer reads its weight from the field: for this call, another one is there.
    const fields = this.layer as unknown as Record<string, { readonly value: Tensor }>;
    const weight = fields[this.parameter] as { readonly value: Tensor };
    const { shape, dtype } = weight.value;
    fields[this.parameter] = { value: dropConnect(weight.value, this.rate), shape, dtype } as { value: Tensor };
    try {
      return this.layer.call(x);
    } finally {
      fields[this.parameter] = weight;
    }
  }
}

/** Whether a field holds a variable, or what stands for one. */
const isValue = (field: unknown): boolean => typeof field === "object" && field !== null && "value" in field;
