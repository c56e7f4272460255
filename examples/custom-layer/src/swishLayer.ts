import { customGradient } from "@gradloom/autograd";
import { Linear, Module, Sequential } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { ones, sigmoid, Variable } from "@gradloom/tensor";

/** `x sigmoid(b x)` with a gradient of our own, which remembers x and b only: `s + b x s (1 - s)` for x, `x² s (1 - s)` for b. */
export const swish = customGradient((x, b) => {
  if (x === undefined || b === undefined) throw new Error("swish takes x and b");
  const s = sigmoid(x.mul(b));
  const slope = s.mul(s.neg().add(1));
  return {
    value: x.mul(s),
    gradient: (g) => [g.mul(s.add(x.mul(b).mul(slope))), g.mul(x.square().mul(slope))],
  };
});

/** An activation whose steepness is learnt, one for each feature of x [batch, features] (Ramachandran et al., 2017). */
export class Swish extends Module {
  readonly steepness: Variable;

  constructor(features: number) {
    super();
    this.steepness = new Variable(ones([features]), { name: "steepness" });
  }

  forward(x: Tensor): Tensor {
    return swish(x, this.steepness.value.broadcastTo(x.shape));
  }
}

export const network = (): Sequential => new Sequential(new Linear(2, 16), new Swish(16), new Linear(16, 1));
