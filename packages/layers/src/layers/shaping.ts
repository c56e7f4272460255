import type { Shape, Tensor } from "@gradloom/tensor";
import { flatten, pad, permute, pixelShuffle, pixelUnshuffle, reshape, ShapeError, upsample } from "@gradloom/tensor";
import { functionLayer } from "./functionLayer.ts";

/** Joins the dimensions from 1 (after the batch) to the last, or those named. */
export const Flatten = /* @__PURE__ */ functionLayer("Flatten", (x: Tensor, from?: number, to?: number) =>
  flatten(x, from ?? 1, to ?? -1),
);

/** Brings each element of the batch to a shape: x [batch, ...] becomes [batch, ...shape]. */
export const Reshape = /* @__PURE__ */ functionLayer("Reshape", (x: Tensor, shape: Shape) => {
  if (x.rank === 0) throw new ShapeError("Reshape", "takes a batch, got rank 0", "use reshape");
  return reshape(x, [x.shape[0] as number, ...shape]);
});

/** Orders dimensions anew, as `permute`: axis 0 is the batch. */
export const Permute = /* @__PURE__ */ functionLayer("Permute", permute);

/** Padding around dimensions, as `pad`. */
export const Pad = /* @__PURE__ */ functionLayer("Pad", pad);

/** Makes spatial dimensions longer by whole factors, as `upsample`. */
export const Upsample = /* @__PURE__ */ functionLayer("Upsample", upsample);

export const PixelShuffle = /* @__PURE__ */ functionLayer("PixelShuffle", pixelShuffle);
export const PixelUnshuffle = /* @__PURE__ */ functionLayer("PixelUnshuffle", pixelUnshuffle);

/** Gives what it gets. */
export const Identity = /* @__PURE__ */ functionLayer("Identity", (x: Tensor) => x);
