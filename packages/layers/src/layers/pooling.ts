import {
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  adaptiveAveragePool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  averagePool1d,
  averagePool2d,
  averagePool3d,
  globalAveragePool,
  globalMaxPool,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "@gradloom/tensor";
import { functionLayer } from "./functionLayer.ts";

// One line each: the class takes what the function takes after the tensor, and the function's page says what it computes.
export const MaxPool1d = /* @__PURE__ */ functionLayer("MaxPool1d", maxPool1d);
export const MaxPool2d = /* @__PURE__ */ functionLayer("MaxPool2d", maxPool2d);
export const MaxPool3d = /* @__PURE__ */ functionLayer("MaxPool3d", maxPool3d);
export const AveragePool1d = /* @__PURE__ */ functionLayer("AveragePool1d", averagePool1d);
export const AveragePool2d = /* @__PURE__ */ functionLayer("AveragePool2d", averagePool2d);
export const AveragePool3d = /* @__PURE__ */ functionLayer("AveragePool3d", averagePool3d);
export const LpPool1d = /* @__PURE__ */ functionLayer("LpPool1d", lpPool1d);
export const LpPool2d = /* @__PURE__ */ functionLayer("LpPool2d", lpPool2d);
export const LpPool3d = /* @__PURE__ */ functionLayer("LpPool3d", lpPool3d);
export const AdaptiveAveragePool1d = /* @__PURE__ */ functionLayer("AdaptiveAveragePool1d", adaptiveAveragePool1d);
export const AdaptiveAveragePool2d = /* @__PURE__ */ functionLayer("AdaptiveAveragePool2d", adaptiveAveragePool2d);
export const AdaptiveAveragePool3d = /* @__PURE__ */ functionLayer("AdaptiveAveragePool3d", adaptiveAveragePool3d);
export const AdaptiveMaxPool1d = /* @__PURE__ */ functionLayer("AdaptiveMaxPool1d", adaptiveMaxPool1d);
export const AdaptiveMaxPool2d = /* @__PURE__ */ functionLayer("AdaptiveMaxPool2d", adaptiveMaxPool2d);
export const AdaptiveMaxPool3d = /* @__PURE__ */ functionLayer("AdaptiveMaxPool3d", adaptiveMaxPool3d);
export const GlobalAveragePool = /* @__PURE__ */ functionLayer("GlobalAveragePool", globalAveragePool);
export const GlobalMaxPool = /* @__PURE__ */ functionLayer("GlobalMaxPool", globalMaxPool);
