import type { Tensor } from "@gradloom/tensor";
import {
  ArgumentError,
  arange,
  concat,
  DTypeError,
  formatShape,
  isInfinite,
  isInteger,
  logAddExp,
  ShapeError,
  sameShape,
  stack,
  take,
  takeAlongAxis,
  tensor,
  where,
  withGradient,
} from "@gradloom/tensor";
import type { LossOptions } from "./reduction.ts";
import { reduceLosses, reductionOf } from "./reduction.ts";

export interface CtcOptions extends LossOptions {
  /** The class that stands for no label, 0 by default. */
  readonly blank?: number;
  /** Lengths of the inputs in the batch; all of the time axis by default. */
  readonly inputLengths?: Tensor | readonly number[];
  /** Lengths of the label sequences; all of the label axis by default. */
  readonly targetLengths?: Tensor | readonly number[];
  /** Whether an infinite loss, of labels that do not fit into the input, counts as 0 and passes no gradient. */
  readonly zeroInfinity?: boolean;
}

const lengthsOf = (
  what: string,
  lengths: Tensor | readonly number[] | undefined,
  batch: number,
  longest: number,
  like: Tensor,
): Tensor => {
  const list = lengths ?? new Array<number>(batch).fill(longest);
  if (!Array.isArray(list)) {
    const given = list as Tensor;
    if (!sameShape(given.shape, [batch])) {
      throw new ShapeError(
        "ctcLoss",
        `${what} has one length per element of the batch, got ${formatShape(given.shape)}`,
      );
    }
    return given.cast("int32");
  }
  if (list.length !== batch || list.some((n) => !Number.isInteger(n) || n < 0 || n > longest)) {
    throw new ArgumentError(
      "ctcLoss",
      `${what} has ${batch} whole numbers of 0 to ${longest}, got [${list.join(",")}]`,
    );
  }
  return tensor(list, { dtype: "int32", device: like.device });
};

/**
 * The logarithms [batch, states] of the probabilities of all alignments that end in a state after the last time of each input, from what
 * is `emitted` [time, batch, states]. With e_t = emitted[t]:
 *
 *     alpha_t(s) = e_t(s) + log(exp(alpha_(t-1)(s)) + exp(alpha_(t-1)(s - 1)) + exp(alpha_(t-1)(s - 2)) where s may be skipped to)
 *
 * Times are looked up by index, and the gradient has a rule of its own, so that every time runs the same kernels.
 */
const alignments = (emitted: Tensor, maySkip: Tensor, lengths: Tensor): Tensor => {
  const [time, , states] = emitted.shape as [number, number, number];
  const range = { dtype: "int32", device: emitted.device } as const;
  const state = arange(states, undefined, 1, range).reshape([1, states]);
  const impossible = emitted.constant(Number.NEGATIVE_INFINITY);
  const none = emitted.constant(0);
  /** The states `by` places before, -Infinity where there are none; and the states `by` places after. */
  const before = (alpha: Tensor, by: number): Tensor =>
    where(state.less(by), impossible, alpha.zeroPad([0, by], [0, 0]).slice([null, { stop: states }]));
  const after = (g: Tensor, by: number): Tensor => g.zeroPad([0, 0], [0, by]).slice([null, { start: by }]);

  /** What the next alpha of each state is made of: staying there, a step, a skip. */
  const sources = (alpha: Tensor) => [alpha, before(alpha, 1), where(maySkip, before(alpha, 2), impossible)] as const;
  const joined = ([stay, step, skip]: ReturnType<typeof sources>): Tensor => logAddExp(logAddExp(stay, step), skip);

  const times = Array.from({ length: time }, (_, t) => tensor(t, range));
  const goesOn = times.map((t) => lengths.greater(t));
  const alphas = [where(state.less(2), take(emitted, times[0] as Tensor), impossible)];
  for (let t = 1; t < time; t++) {
    const alpha = alphas[t - 1] as Tensor;
    const next = joined(sources(alpha)).add(take(emitted, times[t] as Tensor));
    alphas.push(where(goesOn[t] as Tensor, next, alpha));
  }
  return withGradient(alphas[time - 1] as Tensor, [emitted], (last) => {
    const slopes = [last];
    for (let t = time - 1; t > 0; t--) {
      const g = slopes[time - 1 - t] as Tensor;
      const from = sources(alphas[t - 1] as Tensor);
      const to = joined(from);
      const total = where(isInfinite(to), none, to);
      const [stay, step, skip] = from.map((x) => g.mul(x.sub(total).exp())) as [Tensor, Tensor, Tensor];
      slopes.push(where(goesOn[t] as Tensor, stay.add(after(step, 1)).add(after(skip, 2)), g));
    }
    const first = where(state.less(2), slopes.pop() as Tensor, none);
    const at = arange(time, undefined, 1, range).reshape([time, 1, 1]);
    return [where(lengths.maximum(1).greater(at), stack([first, ...slopes.reverse()]), none)];
  });
};

/**
 * Connectionist temporal classification (Graves et al., 2006): minus the logarithm of the probability that an input, one distribution over
 * classes per time, spells the labels, in any alignment with blanks and repeats. Logarithms of probabilities are [batch, time, classes],
 * labels integers [batch, length], padded with anything. As in PyTorch the mean divides each loss by its number of labels (at
 * least 1) before it averages over the batch.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError for labels that are not integers; ArgumentError for bad lengths or a bad blank.
 * @example ctcLoss(logSoftmax(logits), labels, { inputLengths: [50, 43], targetLengths: [12, 9] })
 */
export const ctcLoss = (logProbabilities: Tensor, labels: Tensor, options: CtcOptions = {}): Tensor => {
  const op = "ctcLoss";
  const { blank = 0, zeroInfinity = false } = options;
  const x = logProbabilities;
  if (x.rank !== 3 || labels.rank !== 2 || labels.shape[0] !== x.shape[0]) {
    throw new ShapeError(
      op,
      `takes [batch, time, classes] and labels [batch, length], got ${formatShape(x.shape)} and ${formatShape(labels.shape)}`,
    );
  }
  if (!isInteger(labels.dtype))
    throw new DTypeError(op, `labels are integers, got ${labels.dtype}`, 'use cast("int32")');
  const [batch, time, classes] = x.shape as [number, number, number];
  const longest = labels.shape[1] as number;
  if (time === 0) throw new ShapeError(op, `needs at least one time, got ${formatShape(x.shape)}`);
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes) {
    throw new ArgumentError(op, `blank is one of the ${classes} classes, got ${blank}`);
  }
  const inputLengths = lengthsOf("inputLengths", options.inputLengths, batch, time, x).unsqueeze(-1);
  const targetLengths = lengthsOf("targetLengths", options.targetLengths, batch, longest, x).unsqueeze(-1);

  // Labels with blanks around and between them: state 2k is a blank, 2k + 1 is label k.
  const states = 2 * longest + 1;
  const range = { dtype: "int32", device: x.device } as const;
  const state = arange(states, undefined, 1, range).reshape([1, states]);
  const real = arange(longest, undefined, 1, range).reshape([1, longest]).less(targetLengths);
  const padded = where(real, labels.cast("int32"), blank);
  const blanks = padded.constant(blank);
  const pairs = concat([blanks.broadcastTo([batch, longest, 1]), padded.unsqueeze(-1)], 2);
  const spelled = concat([pairs.reshape([batch, 2 * longest]), blanks.broadcastTo([batch, 1])], 1);
  const twoBefore = spelled.zeroPad([0, 2], [0, 0]).slice([null, { stop: states }]);
  const maySkip = spelled.notEqual(blank).logicalAnd(spelled.notEqual(twoBefore)).logicalAnd(state.greaterEqual(2));
  const emitted = takeAlongAxis(x.permute([1, 0, 2]), spelled.unsqueeze(0), 2);
  const alpha = alignments(emitted, maySkip, inputLengths);
  const at = (s: Tensor): Tensor => where(state.equal(s), alpha, 0).sum(-1);
  const impossible = x.constant(Number.NEGATIVE_INFINITY);
  const last = targetLengths.mul(2);
  const endsInLabel = where(targetLengths.squeeze(-1).greater(0), at(last.sub(1)), impossible);
  const likelihood = logAddExp(at(last), endsInLabel);
  const unfit = isInfinite(likelihood);
  const losses = zeroInfinity ? where(unfit, 0, likelihood.neg()) : likelihood.neg();
  if (reductionOf(op, options) !== "mean") return reduceLosses(op, losses, options);
  return losses.div(targetLengths.squeeze(-1).maximum(1).cast(x.dtype)).mean();
};
