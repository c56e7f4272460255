import type { Tensor } from "@gradloom/tensor";
import { arange, bernoulli, compile, pad, randint, take, where } from "@gradloom/tensor";

/** Mirrors each image [n, height, width, channels], or not. */
const flipped = (images: Tensor): Tensor => {
  const { shape, device } = images;
  return where(bernoulli([shape[0] ?? 0, 1, 1, 1], 0.5, { device }), images.flip(2), images);
};

/** Moves each image by up to `reach` pixels up or down and left or right, with zeros behind. */
const cropped = (images: Tensor, reach: number): Tensor => {
  const { device } = images;
  const [n = 0, height = 0, width = 0, channels = 0] = images.shape;
  const [tall, wide] = [height + 2 * reach, width + 2 * reach];
  const count = (to: number): Tensor => arange(0, to, 1, { dtype: "int32", device });
  const offset = (): Tensor => randint([n, 1, 1], 0, 2 * reach + 1, { device });
  const row = count(n)
    .reshape([n, 1, 1])
    .mul(tall)
    .add(count(height).reshape([height, 1]))
    .add(offset());
  const pixels = pad(images, reach, { axes: [1, 2] }).reshape([n * tall * wide, channels]);
  return take(pixels, row.mul(wide).add(count(width)).add(offset()));
};

/** What He et al. train on: crops of the padded images, half of them mirrored. Compiled: planned once, drawn anew at each call. */
export const augment = compile((images: Tensor): Tensor => cropped(flipped(images), 4));
