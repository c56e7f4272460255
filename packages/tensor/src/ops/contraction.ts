import type { Tensor } from "../tensor.ts";

/** A tensor with a name for each dimension. */
export interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

type Sizes = ReadonlyMap<string, number>;

const product = (labels: readonly string[], sizes: Sizes): number =>
  labels.reduce((n, label) => n * (sizes.get(label) as number), 1);

/** Sums over the dimensions that nobody needs. */
export const sumOut = ({ tensor, labels }: Labelled, needed: ReadonlySet<string>): Labelled => {
  const axes = labels.map((_, d) => d).filter((d) => !needed.has(labels[d] as string));
  if (axes.length === 0) return { tensor, labels };
  return { tensor: tensor.sum(axes), labels: labels.filter((label) => needed.has(label)) };
};

/** The tensor with its dimensions in the order of `labels`, as the groups of sizes in `shape`. */
const arranged = ({ tensor, labels: own }: Labelled, labels: readonly string[], shape: readonly number[]): Tensor =>
  tensor.permute(labels.map((label) => own.indexOf(label))).reshape(shape);

/** The product of two tensors, summed over what both have and nobody needs. */
const multiply = (a: Labelled, b: Labelled, needed: ReadonlySet<string>, sizes: Sizes): Labelled => {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const left = a.labels.filter((label) => !shared.includes(label));
  const right = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...left, ...right];
  const shape = labels.map((label) => sizes.get(label) as number);
  const size = (list: readonly string[]): number => product(list, sizes);
  if (inner.length === 0 || (left.length === 0 && right.length === 0)) {
    // No matrix product: an elementwise one, summed where both agree.
    const lead = batch.map((label) => sizes.get(label) as number);
    const x = arranged(a, [...batch, ...left, ...inner], [...lead, size(left), 1, size(inner)]);
    const y = arranged(b, [...batch, ...right, ...inner], [...lead, 1, size(right), size(inner)]);
    const z = x.mul(y);
    return { tensor: (inner.length === 0 ? z : z.sum(-1)).reshape(shape), labels };
  }
  const lead = batch.length === 0 ? [] : [size(batch)];
  const x = arranged(a, [...batch, ...left, ...inner], [...lead, size(left), size(inner)]);
  const y = arranged(b, [...batch, ...inner, ...right], [...lead, size(inner), size(right)]);
  return { tensor: x.matmul(y).reshape(shape), labels };
};

/** Multiplies all tensors, always the pair whose product grows memory least; `output` are the dimensions to keep. */
export const contract = (tensors: readonly Labelled[], output: readonly string[], sizes: Sizes): Labelled => {
  const neededBeside = (list: readonly Labelled[], ...pair: readonly Labelled[]): Set<string> =>
    new Set([...output, ...list.filter((x) => !pair.includes(x)).flatMap(({ labels }) => labels)]);
  let list = tensors.map((x) => sumOut(x, neededBeside(tensors, x)));
  while (list.length > 1) {
    let best: { a: Labelled; b: Labelled; growth: number } | undefined;
    list.forEach((a, i) => {
      for (const b of list.slice(i + 1)) {
        const needed = neededBeside(list, a, b);
        const kept = [...new Set([...a.labels, ...b.labels])].filter((label) => needed.has(label));
        const growth = product(kept, sizes) - product(a.labels, sizes) - product(b.labels, sizes);
        if (best === undefined || growth < best.growth) best = { a, b, growth };
      }
    });
    const { a, b } = best as unknown as { a: Labelled; b: Labelled };
    // The factor with the result's first dimension goes first, so that the product often is in the result's order.
    const firstOf = ({ labels }: Labelled): number => output.findIndex((label) => labels.includes(label));
    const unshared = (x: Labelled, y: Labelled): Labelled => ({
      ...x,
      labels: x.labels.filter((label) => !y.labels.includes(label)),
    });
    const [p, q] = [firstOf(unshared(a, b)), firstOf(unshared(b, a))];
    const swap = q >= 0 && (p < 0 || q < p);
    const needed = neededBeside(list, a, b);
    const next = swap ? multiply(b, a, needed, sizes) : multiply(a, b, needed, sizes);
    list = [...list.filter((x) => x !== a && x !== b), next];
  }
  return list[0] as Labelled;
};
