import type { LabeledImages } from "@gradloom/datasets";
import type { Callback } from "@gradloom/training";
import type { Prediction } from "../messages.ts";

const rows = 10;
const size = 28 * 28;
/** Milliseconds between two looks at the same images during training. */
const every = 1500;

/** Some test images and what the model says to them, from time to time. */
export const testSample = (
  { images, labels }: LabeledImages,
  classify: (pixels: Float32Array) => Promise<number[][]>,
  show: (predictions: readonly Prediction[]) => void,
) => {
  let start = 0;
  let last = 0;

  const showNow = async (): Promise<void> => {
    last = performance.now();
    const chosen = Array.from({ length: rows }, (_, i) => (start + i) % labels.length);
    const bytes = chosen.map((i) => Uint8Array.from(images.data.subarray(i * size, (i + 1) * size) as Uint8Array));
    const pixels = Float32Array.from(
      bytes.flatMap((image) => [...image]),
      (byte) => byte / 255,
    );
    const probabilities = await classify(pixels);
    show(
      chosen.map((at, i) => ({
        pixels: bytes[i] as Prediction["pixels"],
        label: labels[at] as number,
        probabilities: probabilities[i] as number[],
      })),
    );
  };

  const callback: Callback = {
    onValues: async () => {
      if (performance.now() - last >= every) await showNow();
    },
  };
  return {
    callback,
    show: showNow,
    /** Moves on to other images. */
    next: (): Promise<void> => {
      start += rows;
      return showNow();
    },
  };
};
