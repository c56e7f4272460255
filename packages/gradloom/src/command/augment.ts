import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, arange, bernoulli, compile, pad, randint, take, where } from "@gradloom/tensor";

type Change = (images: Tensor) => Tensor;

/** Mirrors each image [n, height, width, channels], or not. */
const flip: Change = (images) => {
  const { shape, device } = images;
  return where(bernoulli([shape[0] ?? 0, 1, 1, 1], 0.5, { device }), images.flip(2), images);
};

/** Moves each image by up to an eighth of its size up or down and left or right, with zeros behind. */
const crop: Change = (images) => {
  const { device } = images;
  const [n = 0, height = 0, width = 0, channels = 0] = images.shape;
  const reach = Math.round(Math.min(height, width) / 8);
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

const changes: Readonly<Record<string, Change>> = { flip, crop };

/** What `--augment` takes, one or several of them. */
export const augmentationNames: readonly string[] = Object.keys(changes);

/** Batches of which each image is changed at random, drawn anew in every epoch. The work of a batch is one compiled call. */
export const augmented = (
  batches: AsyncIterable<[Tensor, Tensor]> & { readonly length: number },
  names: readonly string[],
): AsyncIterable<[Tensor, Tensor]> & { readonly length: number } => {
  const chosen = names.map((name) => {
    const change = Object.hasOwn(changes, name) ? changes[name] : undefined;
    if (change === undefined) {
      throw new ArgumentError("--augment", `unknown change "${name}"`, `use some of ${augmentationNames.join(", ")}`);
    }
    return change;
  });
  if (chosen.length === 0) return batches;
  const change = compile((images: Tensor) => chosen.reduce((image, each) => each(image), images));
  return {
    length: batches.length,
    async *[Symbol.asyncIterator]() {
      for await (const [images, labels] of batches) {
        const changed = change(images);
        try {
          yield [changed, labels];
        } finally {
          changed.dispose();
        }
      }
    },
  };
};
