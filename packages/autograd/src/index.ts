export { stopGradient } from "@gradloom/tensor";
export { checkpoint, customGradient } from "./customGradient.ts";
export type { Differentiable, ValueAndGradients } from "./gradients.ts";
export { grad, gradients, hessian, jacobian, jvp, valueAndGrad, vjp } from "./gradients.ts";
