import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, arange, concat, eye, formatShape, norm, ShapeError, where } from "@gradloom/tensor";
import { crossEntropy } from "./crossEntropy.ts";
import type { LossOptions } from "./reduction.ts";
import { reductionOf, requireSame } from "./reduction.ts";

/**
 * NT-Xent, the contrastive loss of SimCLR (Chen et al., 2020): rows i of a and b, both [batch, features], are two views of one thing.
 * Each of the 2 batch vectors should be nearer to its partner than to all others: the cross entropy of cosines / temperature. Without
 * reduction [2 batch], first those of a.
 *
 * @param options.temperature 0.5 by default.
 * @throws ShapeError unless both are [batch, features]; ArgumentError unless the temperature is above 0.
 * @example ntXentLoss(project.call(viewA), project.call(viewB), { temperature: 0.1 })
 */
export const ntXentLoss = (
  a: Tensor,
  b: Tensor,
  options: LossOptions & { readonly temperature?: number } = {},
): Tensor => {
  const op = "ntXentLoss";
  const { temperature = 0.5, ...rest } = options;
  reductionOf(op, options);
  requireSame(op, a, b);
  if (a.rank !== 2) throw new ShapeError(op, `takes [batch, features], got ${formatShape(a.shape)}`);
  if (!(temperature > 0)) throw new ArgumentError(op, `the temperature is a number > 0, got ${temperature}`);
  const both = concat([a, b], 0);
  const unit = both.div(norm(both, 2, -1, true).maximum(1e-12));
  const [n] = both.shape as [number];
  const similarities = unit.matmul(unit.transpose()).div(temperature);
  const others = where(eye(n, n, 0, { device: a.device }).cast("bool"), Number.NEGATIVE_INFINITY, similarities);
  const index = arange(n, undefined, 1, { dtype: "int32", device: a.device });
  const partners = where(index.less(n / 2), index.add(n / 2), index.sub(n / 2));
  return crossEntropy(others, partners, rest);
};
