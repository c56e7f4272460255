import { gradients } from "@gradloom/autograd";
import type { Tensor } from "@gradloom/tensor";
import {
  assign,
  compile,
  conv2d,
  gelu,
  logSoftmax,
  matmul,
  maxPool2d,
  oneHot,
  relu,
  scaledDotProductAttention,
  seed,
  split,
  standardize,
  take,
  tensor,
  uniform,
  Variable,
  where,
  zeros,
} from "@gradloom/tensor";
import type { Case } from "../measure.ts";
import { layerNorm, values } from "./micro.ts";

type Update = [Variable, Tensor];

/** Parameters of a model under construction. */
class Parameters {
  readonly all: Variable[] = [];

  add(initial: Tensor): Variable {
    const v = new Variable(initial);
    this.all.push(v);
    return v;
  }

  /** Uniform weights of the given fan-in. */
  weight(shape: readonly number[], fanIn: number): Variable {
    return this.add(values(shape, Math.sqrt(3 / fanIn)));
  }
}

const stateLike = (p: Variable): Variable => new Variable(zeros(p.shape), { trainable: false });

/** Adam, or AdamW with `decay` > 0. */
const adam = (parameters: readonly Variable[], rate: number, decay = 0) => {
  const m = parameters.map(stateLike);
  const v = parameters.map(stateLike);
  const count = new Variable(zeros([]), { trainable: false });
  return (loss: Tensor): Update[] => {
    const t = count.value.add(1);
    const correction1 = t.constant(1).sub(t.constant(0.9).pow(t));
    const correction2 = t.constant(1).sub(t.constant(0.999).pow(t)).sqrt();
    const size = correction1.constant(rate).div(correction1);
    const updates: Update[] = [[count, t]];
    gradients(loss, parameters).forEach((g, i) => {
      const [p, mean, square] = [parameters[i] as Variable, m[i] as Variable, v[i] as Variable];
      const nextMean = mean.value.mul(0.9).add(g.mul(0.1));
      const nextSquare = square.value.mul(0.999).add(g.square().mul(0.001));
      const kept = decay > 0 ? p.value.mul(1 - rate * decay) : p.value;
      const step = nextMean.mul(size).div(nextSquare.sqrt().div(correction2).add(1e-8));
      updates.push([mean, nextMean], [square, nextSquare], [p, kept.sub(step)]);
    });
    return updates;
  };
};

/** Stochastic gradient descent with momentum 0.9. */
const momentum = (parameters: readonly Variable[], rate: number) => {
  const state = parameters.map(stateLike);
  return (loss: Tensor): Update[] =>
    gradients(loss, parameters).flatMap((g, i): Update[] => {
      const [p, v] = [parameters[i] as Variable, state[i] as Variable];
      const next = v.value.mul(0.9).add(g);
      return [
        [v, next],
        [p, p.value.sub(next.mul(rate))],
      ];
    });
};

const crossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  oneHot(labels, logits.shape.at(-1) as number)
    .mul(logSoftmax(logits))
    .sum(-1)
    .mean()
    .neg();

/** A compiled training step on resident data whose loss is read every time. */
const training =
  (
    build: () => Promise<{
      loss: (x: Tensor, y: Tensor) => Tensor;
      extra?: () => Update[];
      update: (loss: Tensor) => Update[];
      x: Tensor;
      y: Tensor;
    }>,
  ) =>
  async () => {
    seed(1);
    const { loss, extra, update, x, y } = await build();
    await x.evaluate();
    await y.evaluate();
    const step = compile((images: Tensor, labels: Tensor) => {
      const value = loss(images, labels);
      assign([...update(value), ...(extra?.() ?? [])]);
      return value;
    });
    return async (): Promise<void> => {
      const value = step(x, y);
      const read = await value.item();
      if (!Number.isFinite(read)) throw new Error(`the loss is ${read}`);
      value.dispose();
    };
  };

const labelsOf = (n: number, classes: number): Tensor =>
  tensor(Int32Array.from({ length: n }, (_, i) => (i * 7) % classes));

const linear = (p: Parameters, inputs: number, outputs: number): ((x: Tensor) => Tensor) => {
  const w = p.weight([inputs, outputs], inputs);
  const b = p.add(zeros([outputs]));
  return (x) => matmul(x, w.value).add(b.value);
};

const mlp = training(async () => {
  const p = new Parameters();
  const layers = [linear(p, 784, 512), linear(p, 512, 512), linear(p, 512, 10)];
  return {
    loss: (x, y) =>
      crossEntropy(
        layers.reduce((h, layer, i) => (i < 2 ? relu(layer(h)) : layer(h)), x),
        y,
      ),
    update: adam(p.all, 1e-3),
    x: values([128, 784]),
    y: labelsOf(128, 10),
  };
});

const convolution = (
  p: Parameters,
  size: number,
  cin: number,
  cout: number,
  options: { stride?: number; padding?: number; bias?: boolean },
) => {
  const w = p.weight([size, size, cin, cout], size * size * cin);
  const b = options.bias === true ? p.add(zeros([cout])) : undefined;
  return (x: Tensor): Tensor => {
    const y = conv2d(x, w.value, { stride: options.stride ?? 1, padding: options.padding ?? 0 });
    return b === undefined ? y : y.add(b.value);
  };
};

const dropout = (x: Tensor, rate: number): Tensor => where(uniform(x.shape).less(rate), 0, x.div(1 - rate));

const lenet = training(async () => {
  const p = new Parameters();
  const conv1 = convolution(p, 3, 1, 32, { bias: true });
  const conv2 = convolution(p, 3, 32, 64, { bias: true });
  const dense1 = linear(p, 5 * 5 * 64, 128);
  const dense2 = linear(p, 128, 10);
  return {
    loss: (x, y) => {
      const a = maxPool2d(relu(conv1(x)), 2);
      const b = maxPool2d(relu(conv2(a)), 2);
      return crossEntropy(dense2(dropout(relu(dense1(b.flatten(1))), 0.5)), y);
    },
    update: adam(p.all, 1e-3),
    x: values([128, 28, 28, 1]),
    y: labelsOf(128, 10),
  };
});

/** Batch normalisation over all but the channels; running statistics are updated with the step. */
const batchNorm = (p: Parameters, channels: number, running: (() => Update[])[]): ((x: Tensor) => Tensor) => {
  const scale = p.add(values([channels], 0).add(1));
  const shift = p.add(zeros([channels]));
  const mean = new Variable(zeros([channels]), { trainable: false });
  const variance = new Variable(zeros([channels]).add(1), { trainable: false });
  return (x) => {
    const axes = [0, 1, 2];
    const { value, mean: m, variance: v } = standardize(x, axes);
    const n = x.size / channels;
    const next = (old: Variable, now: Tensor): Update => [
      old,
      old.value.mul(0.9).add(now.reshape([channels]).mul(0.1)),
    ];
    running.push(() => [next(mean, m), next(variance, v.mul(n / (n - 1)))]);
    return value.mul(scale.value).add(shift.value);
  };
};

const resnet20 = training(async () => {
  const p = new Parameters();
  const running: (() => Update[])[] = [];
  const unit = (size: number, cin: number, cout: number, stride: number): ((x: Tensor) => Tensor) => {
    const conv = convolution(p, size, cin, cout, { stride, padding: size >> 1 });
    const norm = batchNorm(p, cout, running);
    return (x) => norm(conv(x));
  };
  const stem = unit(3, 3, 16, 1);
  const blocks: ((x: Tensor) => Tensor)[] = [];
  let cin = 16;
  for (const cout of [16, 32, 64]) {
    for (let i = 0; i < 3; i++) {
      const stride = i === 0 && cout > 16 ? 2 : 1;
      const first = unit(3, cin, cout, stride);
      const second = unit(3, cout, cout, 1);
      const shortcut = cin === cout ? (x: Tensor): Tensor => x : unit(1, cin, cout, stride);
      blocks.push((x) => relu(second(relu(first(x))).add(shortcut(x))));
      cin = cout;
    }
  }
  const head = linear(p, 64, 10);
  return {
    loss: (x, y) => {
      running.length = 0;
      const features = blocks.reduce((h, block) => block(h), relu(stem(x)));
      return crossEntropy(head(features.mean([1, 2])), y);
    },
    extra: () => running.flatMap((update) => update()),
    update: momentum(p.all, 0.1),
    x: values([128, 32, 32, 3]),
    y: labelsOf(128, 10),
  };
});

const gpt = training(async () => {
  const [layers, width, heads, context, vocabulary, batch] = [4, 128, 4, 64, 65, 32];
  const p = new Parameters();
  const tokens = p.add(values([vocabulary, width], 0.02));
  const places = p.add(values([context, width], 0.02));
  const norm = (): ((x: Tensor) => Tensor) => {
    const scale = p.add(zeros([width]).add(1));
    const shift = p.add(zeros([width]));
    return (x) => layerNorm(x, scale.value, shift.value);
  };
  const block = (): ((x: Tensor) => Tensor) => {
    const [norm1, qkv, out] = [norm(), linear(p, width, 3 * width), linear(p, width, width)];
    const [norm2, up, down] = [norm(), linear(p, width, 4 * width), linear(p, 4 * width, width)];
    return (x) => {
      const [q, k, v] = split(qkv(norm1(x)), width, -1).map((t) =>
        t.reshape([batch, context, heads, width / heads]).permute([0, 2, 1, 3]),
      ) as [Tensor, Tensor, Tensor];
      const mixed = scaledDotProductAttention(q, k, v, { causal: true })
        .permute([0, 2, 1, 3])
        .reshape([batch, context, width]);
      const h = x.add(out(mixed));
      return h.add(down(gelu(up(norm2(h)), { approximate: "tanh" })));
    };
  };
  const blocks = Array.from({ length: layers }, block);
  const last = norm();
  const head = linear(p, width, vocabulary);
  return {
    loss: (x, y) => {
      const h = take(tokens.value, x).add(places.value);
      return crossEntropy(head(last(blocks.reduce((value, layer) => layer(value), h))), y);
    },
    update: adam(p.all, 3e-4, 0.01),
    x: labelsOf(batch * context, vocabulary).reshape([batch, context]),
    y: labelsOf(batch * context + 1, vocabulary)
      .stridedSlice([1], [batch * context])
      .reshape([batch, context]),
  };
});

const step = (name: string, prepare: Case["prepare"]): Case => ({ name, unit: "steps/s", work: 1, scale: 1, prepare });

/** Forward, backward and update, data resident, the loss read every step. */
export const trainingCases: readonly Case[] = [
  step("train_mlp", mlp),
  step("train_lenet", lenet),
  step("train_resnet20", resnet20),
  step("train_gpt", gpt),
];
