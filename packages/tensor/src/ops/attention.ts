import type { Shape } from "@gradloom/backend";
import { ArgumentError, DTypeError, formatShape, isFloat, ShapeError, sameShape } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { attentionPrimitive, maskScores } from "./attentionKernel.ts";
import { softmax } from "./softmax.ts";

export interface AttentionOptions {
  /**
   * bool: true where a query may look at a key; a float is added to the scores. Broadcasts to [batch, heads, queries, keys].
   */
  readonly mask?: Tensor;
  /** Query i looks at keys 0 to i only. */
  readonly causal?: boolean;
  /** Factor of the scores; 1 / sqrt(dim) by default. */
  readonly scale?: number;
  /** Applied to the weights: a dropout, say. */
  readonly dropout?: (weights: Tensor) => Tensor;
}

const requireFit = (q: Tensor, k: Tensor, v: Tensor): void => {
  const shapes = `got q ${formatShape(q.shape)}, k ${formatShape(k.shape)} and v ${formatShape(v.shape)}`;
  const fail = (problem: string, remedy?: string): never => {
    throw new ShapeError("scaledDotProductAttention", `${problem}, ${shapes}`, remedy);
  };
  for (const x of [q, k, v]) {
    if (x.rank < 2 || x.rank !== q.rank) fail("takes [batch, heads, time, dim]");
    if (!isFloat(x.dtype))
      throw new DTypeError("scaledDotProductAttention", `takes floats, got ${x.dtype}`, "use cast(...) first");
  }
  if (q.shape.at(-1) !== k.shape.at(-1)) fail("queries and keys have different dims");
  if (k.shape.at(-2) !== v.shape.at(-2)) fail("there are not as many keys as values");
  const lead = (x: Tensor, count: number): Shape => x.shape.slice(0, Math.max(0, x.rank - count));
  if (!sameShape(lead(k, 2), lead(v, 2)) || !sameShape(lead(q, 3), lead(k, 3))) fail("batches or heads differ");
  const [heads, groups] = [q.shape.at(-3) ?? 1, k.shape.at(-3) ?? 1];
  if (heads !== groups && (groups === 0 || heads % groups !== 0))
    fail("the heads of q are no multiple of those of k and v");
};

/** Fewer queries have scores that are hardly more than the keys: they are not worth a kernel that does without. */
const fewQueries = 8;

/** Whether the device has a kernel for this. */
const hasKernel = (q: Tensor, k: Tensor, v: Tensor): boolean =>
  q.device.backend.traits.lacks?.has("attention") !== true &&
  q.dtype === k.dtype &&
  q.dtype === v.dtype &&
  (q.shape[q.rank - 2] as number) >= fewQueries;

/** By a kernel that never stores the scores. */
const attended = (q: Tensor, k: Tensor, v: Tensor, share: number, scale: number, options: AttentionOptions): Tensor => {
  const { mask, causal = false } = options;
  const [m, n] = [q.shape[q.rank - 2] as number, k.shape[k.rank - 2] as number];
  // The heads of a group see one key head.
  const batch = share === 1 ? q.shape.slice(0, -2) : [...k.shape.slice(0, -2), share];
  const shared = (x: Tensor): Tensor =>
    share === 1 ? x : x.unsqueeze(-3).broadcastTo([...batch, ...x.shape.slice(-2)]);
  const whole = mask?.broadcastTo([...q.shape.slice(0, -1), n]).reshape([...batch, m, n]);
  const inputs = [q.reshape([...batch, ...q.shape.slice(-2)]), shared(k), shared(v)];
  const y = q.derive(attentionPrimitive, whole === undefined ? inputs : [...inputs, whole], { scale, causal });
  return y.reshape([...q.shape.slice(0, -1), v.shape[v.rank - 1] as number]);
};

/** By two products and a softmax. */
const composed = (q: Tensor, k: Tensor, v: Tensor, share: number, scale: number, options: AttentionOptions): Tensor => {
  const { mask, causal = false, dropout } = options;
  const [queries, keys] = [q.shape.at(-2) as number, k.shape.at(-2) as number];
  // The query heads of a group read one key head: they are one longer list of queries.
  const grouped = [...k.shape.slice(0, -2), queries * share];
  const rows = q.reshape([...grouped, q.shape[q.rank - 1] as number]);
  const products = rows
    .matmul(k.transpose())
    .mul(q.constant(scale))
    .reshape([...q.shape.slice(0, -1), keys]);
  const { scores, allowed } = maskScores(products, mask, causal);
  // A row without a key would be 0 / 0; a causal mask alone leaves every query its first key.
  const some = mask === undefined ? undefined : allowed?.any(-1, true);
  let weights = softmax(some === undefined ? scores : some.where(scores, scores.constant(0)), -1);
  if (some !== undefined) weights = some.where(weights, weights.constant(0));
  const used = dropout === undefined ? weights : dropout(weights);
  const y = used.reshape([...grouped, keys]).matmul(v);
  return y.reshape([...q.shape.slice(0, -1), v.shape[v.rank - 1] as number]);
};

/**
 * Attention `softmax(scale q k^T + mask) v` (Vaswani et al., 2017) over q [batch, heads, queries, dim], k [batch, heads, keys, dim] and v
 * [batch, heads, keys, values]; the result is [batch, heads, queries, values]. k and v may have fewer heads, each shared by a group of
 * query heads (Ainslie et al., 2023). A query that may look at no key gives zeros. Where the device has a kernel for it and there is no
 * dropout, the scores are never stored (Dao et al., 2022).
 *
 * @throws ShapeError when the sizes do not fit; DTypeError unless all are floats; ArgumentError for a scale that is not finite.
 * @example scaledDotProductAttention(q, k, v, { causal: true })
 */
export const scaledDotProductAttention = (q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor => {
  requireFit(q, k, v);
  const scale = options.scale ?? 1 / Math.sqrt(q.shape[q.rank - 1] as number);
  if (!Number.isFinite(scale))
    throw new ArgumentError("scaledDotProductAttention", `the scale is finite, got ${scale}`);
  const { mask } = options;
  if (mask !== undefined) {
    mask.broadcastTo([...q.shape.slice(0, -1), k.shape[k.rank - 2] as number]);
    if (mask.dtype !== "bool" && !isFloat(mask.dtype)) {
      throw new DTypeError(
        "scaledDotProductAttention",
        `a mask is bool or float, got ${mask.dtype}`,
        "use cast(...) first",
      );
    }
  }
  const share = (q.shape.at(-3) ?? 1) / Math.max(1, k.shape.at(-3) ?? 1);
  const by = options.dropout === undefined && hasKernel(q, k, v) ? attended : composed;
  return by(q, k, v, share, scale, options);
};
