import { computeType } from "@gradloom/backend";
import { positions } from "../graph/leaves.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { exp } from "./mathematics.ts";

interface Attention {
  readonly scale: number;
  readonly causal: boolean;
}

/** Which keys (the last axis) a query may look at: those up to its own position. */
const causalMask = (like: Tensor, queries: number, keys: number): Tensor => {
  const count = (n: number): Tensor => like.derive(positions, [], { shape: [n], dtype: "int32" });
  return count(keys).lessEqual(count(queries).reshape([queries, 1]));
};

/** Scores [..., queries, keys] with a mask: those that are shut out are -Infinity. `allowed`: the others, undefined where that is all. */
export const maskScores = (
  given: Tensor,
  mask: Tensor | undefined,
  causal: boolean,
): { readonly scores: Tensor; readonly allowed: Tensor | undefined } => {
  let scores = given;
  let allowed = mask;
  if (mask !== undefined && mask.dtype !== "bool") {
    scores = scores.add(mask.cast(scores.dtype));
    allowed = mask.notEqual(mask.constant(Number.NEGATIVE_INFINITY));
  }
  if (causal) {
    const before = causalMask(scores, scores.shape.at(-2) as number, scores.shape.at(-1) as number);
    allowed = allowed === undefined ? before : allowed.logicalAnd(before);
  }
  if (allowed !== undefined) scores = allowed.where(scores, scores.constant(Number.NEGATIVE_INFINITY));
  return { scores, allowed };
};

const resultShape = ([q, , v]: readonly Tensor[]): number[] => [
  ...(q as Tensor).shape.slice(0, -1),
  (v as Tensor).shape.at(-1) as number,
];

/** The kernel that makes one of the results. */
const kernelFor =
  (result: "values" | "logSumExp") =>
  (attributes: Attention, { inputs }: Tensor) =>
    ({ kind: "attention", ...attributes, results: [result], shape: resultShape(inputs) }) as const;

/** The weights `softmax(s)`, calculated again from the logarithms of their sums. */
const weightsOf = ({ inputs, attributes }: Tensor<Attention>): Tensor => {
  const [q, k, , mask] = inputs as readonly [Tensor, Tensor, Tensor, Tensor?];
  const wide = computeType(q.dtype);
  const sums = q.derive(attentionLogSumExpPrimitive, inputs, attributes);
  const products = q
    .cast(wide)
    .matmul(k.cast(wide).transpose())
    .mul(sums.constant(attributes.scale))
    .sub(sums.unsqueeze(-1));
  return exp(maskScores(products, mask, attributes.causal).scores);
};

/** Gradients of q, k and the mask for that of the scores. */
const throughScores = (
  { inputs, attributes }: Tensor<Attention>,
  g: Tensor,
): [q: Tensor, k: Tensor, mask: Tensor | undefined] => {
  const [q, k, , mask] = inputs as readonly [Tensor, Tensor, Tensor, Tensor?];
  const products = g.mul(g.constant(attributes.scale));
  return [
    products.matmul(k.cast(g.dtype)).cast(q.dtype),
    products.transpose().matmul(q.cast(g.dtype)).cast(k.dtype),
    mask === undefined || mask.dtype === "bool" ? undefined : g.cast(mask.dtype),
  ];
};

/** `softmax(s) v` for the scores `s = scale q k^T + mask`, which are never stored; see the contract's `AttentionKernel`. */
export const attentionPrimitive = definePrimitive<Attention>({
  name: "attention",
  infer: (inputs) => ({ shape: resultShape(inputs), dtype: (inputs[0] as Tensor).dtype }),
  lower: {
    kind: "kernel",
    fuses: false,
    strided: true,
    template: kernelFor("values"),
  },
  gradient: (y, g) => {
    const v = y.inputs[2] as Tensor;
    const weights = weightsOf(y);
    const [wideG, wideV] = [g.cast(weights.dtype), v.cast(weights.dtype)];
    const mean = wideG.mul(y.cast(weights.dtype)).sum(-1, true);
    const [toQ, toK, toMask] = throughScores(y, weights.mul(wideG.matmul(wideV.transpose()).sub(mean)));
    return [toQ, toK, weights.transpose().matmul(wideG).cast(v.dtype), toMask];
  },
});

/** `log Σ e^s` over the keys, which tells the weights again from the scores. */
export const attentionLogSumExpPrimitive = definePrimitive<Attention>({
  name: "attentionLogSumExp",
  infer: ([q]) => ({ shape: (q as Tensor).shape.slice(0, -1), dtype: computeType((q as Tensor).dtype) }),
  lower: {
    kind: "kernel",
    fuses: false,
    beside: attentionPrimitive,
    template: kernelFor("logSumExp"),
  },
  gradient: (sums, g) => {
    const [toQ, toK, toMask] = throughScores(sums, weightsOf(sums).mul(g.unsqueeze(-1)));
    return [toQ, toK, undefined, toMask];
  },
});
