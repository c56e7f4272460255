import type { Sequential } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { compile, softmax, tensor } from "@gradloom/tensor";

const digits = 10;

/** A function from pixels [n, 28, 28, 1] to the probabilities of each image's digits; it may be called while the model is trained. */
export const classifier = (model: Sequential): ((pixels: Float32Array) => Promise<number[][]>) => {
  const probabilities = compile((images: Tensor) => softmax(model.call(images) as Tensor, 1));
  return async (pixels) => {
    const images = tensor(pixels, { shape: [pixels.length / 784, 28, 28, 1] });
    model.eval();
    const result = probabilities(images);
    model.train();
    const values = Array.from(await result.data());
    result.dispose();
    return Array.from({ length: values.length / digits }, (_, i) => values.slice(digits * i, digits * (i + 1)));
  };
};
