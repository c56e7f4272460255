import {
  celu,
  elu,
  geglu,
  gelu,
  glu,
  hardSigmoid,
  hardSwish,
  hardshrink,
  hardTanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  maxout,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softmin,
  softplus,
  softshrink,
  softsign,
  swiglu,
  tanh,
  tanhshrink,
  threshold,
} from "@gradloom/tensor";
import { functionLayer } from "./functionLayer.ts";

// One line each: the class takes what the function takes after the tensor, and the function's page says what it computes.
export const ReLU = /* @__PURE__ */ functionLayer("ReLU", relu);
export const ReLU6 = /* @__PURE__ */ functionLayer("ReLU6", relu6);
export const LeakyReLU = /* @__PURE__ */ functionLayer("LeakyReLU", leakyRelu);
export const ELU = /* @__PURE__ */ functionLayer("ELU", elu);
export const SELU = /* @__PURE__ */ functionLayer("SELU", selu);
export const CELU = /* @__PURE__ */ functionLayer("CELU", celu);
export const GELU = /* @__PURE__ */ functionLayer("GELU", gelu);
export const SiLU = /* @__PURE__ */ functionLayer("SiLU", silu);
export const Mish = /* @__PURE__ */ functionLayer("Mish", mish);
export const Sigmoid = /* @__PURE__ */ functionLayer("Sigmoid", sigmoid);
export const LogSigmoid = /* @__PURE__ */ functionLayer("LogSigmoid", logSigmoid);
export const HardSigmoid = /* @__PURE__ */ functionLayer("HardSigmoid", hardSigmoid);
export const HardSwish = /* @__PURE__ */ functionLayer("HardSwish", hardSwish);
export const Tanh = /* @__PURE__ */ functionLayer("Tanh", tanh);
export const HardTanh = /* @__PURE__ */ functionLayer("HardTanh", hardTanh);
export const Tanhshrink = /* @__PURE__ */ functionLayer("Tanhshrink", tanhshrink);
export const Hardshrink = /* @__PURE__ */ functionLayer("Hardshrink", hardshrink);
export const Softshrink = /* @__PURE__ */ functionLayer("Softshrink", softshrink);
export const Softplus = /* @__PURE__ */ functionLayer("Softplus", softplus);
export const Softsign = /* @__PURE__ */ functionLayer("Softsign", softsign);
export const Threshold = /* @__PURE__ */ functionLayer("Threshold", threshold);
export const Softmax = /* @__PURE__ */ functionLayer("Softmax", softmax);
export const LogSoftmax = /* @__PURE__ */ functionLayer("LogSoftmax", logSoftmax);
export const Softmin = /* @__PURE__ */ functionLayer("Softmin", softmin);
export const GLU = /* @__PURE__ */ functionLayer("GLU", glu);
export const SwiGLU = /* @__PURE__ */ functionLayer("SwiGLU", swiglu);
export const GEGLU = /* @__PURE__ */ functionLayer("GEGLU", geglu);
export const Maxout = /* @__PURE__ */ functionLayer("Maxout", maxout);
