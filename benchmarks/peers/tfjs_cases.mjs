// The benchmark's cases in TensorFlow.js, for whichever of its backends is current.
import * as tf from "@tensorflow/tfjs";

const labels = (n, classes, first = 0) =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: n }, (_, i) => ((first + i) * 7) % classes),
      "int32",
    ),
    classes,
  );

/** A training step on resident data: forward, backward, update; the loss is read. */
const training = (optimizer, loss) => async () => {
  const value = optimizer.minimize(loss, true);
  const [read] = await value.data();
  value.dispose();
  if (!Number.isFinite(read)) throw new Error(`the loss is ${read}`);
};

/** Keras-style training. */
const classifying = (model, optimizer, x) => {
  const y = labels(x.shape[0], 10);
  return training(optimizer, () => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true })));
};

const mlp = () => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [784], units: 512, activation: "relu" }),
      tf.layers.dense({ units: 512, activation: "relu" }),
      tf.layers.dense({ units: 10 }),
    ],
  });
  return classifying(model, tf.train.adam(1e-3), tf.randomNormal([128, 784]));
};

const lenet = () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 128, activation: "relu" }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 10 }),
    ],
  });
  return classifying(model, tf.train.adam(1e-3), tf.randomNormal([128, 28, 28, 1]));
};

const resnet20 = () => {
  const input = tf.input({ shape: [32, 32, 3] });
  const relu = (x) => tf.layers.activation({ activation: "relu" }).apply(x);
  const unit = (x, kernelSize, filters, strides) =>
    tf.layers
      .batchNormalization()
      .apply(tf.layers.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false }).apply(x));
  let h = relu(unit(input, 3, 16, 1));
  let cin = 16;
  for (const cout of [16, 32, 64]) {
    for (let i = 0; i < 3; i++) {
      const stride = i === 0 && cout > 16 ? 2 : 1;
      const inner = unit(relu(unit(h, 3, cout, stride)), 3, cout, 1);
      h = relu(tf.layers.add().apply([inner, cin === cout ? h : unit(h, 1, cout, stride)]));
      cin = cout;
    }
  }
  const logits = tf.layers.dense({ units: 10 }).apply(tf.layers.globalAveragePooling2d({}).apply(h));
  const model = tf.model({ inputs: input, outputs: logits });
  return classifying(model, tf.train.momentum(0.1, 0.9), tf.randomNormal([128, 32, 32, 3]));
};

const layerNorm = (x, scale, shift) => {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(scale).add(shift);
};

const gelu = (x) =>
  x.mul(0.5).mul(
    x
      .add(x.mul(x).mul(x).mul(0.044715))
      .mul(Math.sqrt(2 / Math.PI))
      .tanh()
      .add(1),
  );

/** Adam in place of AdamW, which TensorFlow.js has not: one multiplication per parameter less. */
const gpt = () => {
  const [layers, width, heads, context, vocabulary, batch] = [4, 128, 4, 64, 65, 32];
  const rows = batch * context;
  const linear = (inputs, outputs) => {
    const w = tf.variable(tf.randomNormal([inputs, outputs], 0, Math.sqrt(1 / inputs)));
    const b = tf.variable(tf.zeros([outputs]));
    return (x) => x.matMul(w).add(b);
  };
  const norm = () => {
    const [scale, shift] = [tf.variable(tf.ones([width])), tf.variable(tf.zeros([width]))];
    return (x) => layerNorm(x, scale, shift);
  };
  const future = tf.linalg
    .bandPart(tf.ones([context, context]), -1, 0)
    .sub(1)
    .mul(1e9);
  const block = () => {
    const [norm1, qkv, out] = [norm(), linear(width, 3 * width), linear(width, width)];
    const [norm2, up, down] = [norm(), linear(width, 4 * width), linear(4 * width, width)];
    return (x) => {
      const [q, k, v] = tf
        .split(qkv(norm1(x)), 3, -1)
        .map((t) => t.reshape([batch, context, heads, width / heads]).transpose([0, 2, 1, 3]));
      const scores = tf.matMul(q, k, false, true).mul(Math.sqrt(heads / width));
      const mixed = tf.matMul(scores.add(future).softmax(), v).transpose([0, 2, 1, 3]);
      const h = x.add(out(mixed.reshape([rows, width])));
      return h.add(down(gelu(up(norm2(h)))));
    };
  };
  const tokens = tf.variable(tf.randomNormal([vocabulary, width], 0, 0.02));
  const places = tf.variable(tf.randomNormal([context, width], 0, 0.02));
  const blocks = Array.from({ length: layers }, block);
  const [last, head] = [norm(), linear(width, vocabulary)];
  const x = tf.tensor2d(
    Array.from({ length: rows }, (_, i) => (i * 7) % vocabulary),
    [batch, context],
    "int32",
  );
  const y = labels(rows, vocabulary, 1);
  return training(tf.train.adam(3e-4), () => {
    const h = tf.gather(tokens, x).add(places).reshape([rows, width]);
    return tf.losses.softmaxCrossEntropy(y, head(last(blocks.reduce((value, layer) => layer(value), h))));
  });
};

/** The cases; `wait` resolves when what was computed so far is there. */
export const casesOf = (wait) => {
  const run = (fn) => async () => {
    const results = tf.tidy(fn);
    await wait();
    tf.dispose(results);
  };
  const matmul = (n) => () => {
    const [a, b] = [tf.randomNormal([n, n]), tf.randomNormal([n, n])];
    return run(() => tf.matMul(a, b));
  };
  const conv = (backward) => () => {
    const image = [64, 32, 32, 64];
    const [x, w, g] = [tf.randomNormal(image), tf.randomNormal([3, 3, 64, 64]), tf.randomNormal(image)];
    const forward = (input, filter) => tf.conv2d(input, filter, 1, "same");
    return backward ? run(() => tf.grads(forward)([x, w], g)) : run(() => forward(x, w));
  };
  const rows = (fn) => () => {
    const [x, scale, shift] = [tf.randomNormal([4096, 1024]), tf.ones([1024]), tf.zeros([1024])];
    return run(() => fn(x, scale, shift));
  };
  const large = (fn) => () => {
    const x = tf.randomNormal([10_000_000]);
    return run(() => fn(x));
  };
  return {
    matmul_256: matmul(256),
    matmul_512: matmul(512),
    matmul_1024: matmul(1024),
    conv2d_fwd: conv(false),
    conv2d_fwdbwd: conv(true),
    gelu_chain_1e7: large(gelu),
    softmax_4096x1024: rows((x) => tf.softmax(x)),
    layernorm_4096x1024: rows(layerNorm),
    sum_1e7: large((x) => x.sum()),
    dispatch_tiny_add: () => {
      const [a, b] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, 2, 3, 4])];
      return run(() => tf.add(a, b));
    },
    train_mlp: mlp,
    train_lenet: lenet,
    train_resnet20: resnet20,
    train_gpt: gpt,
  };
};

export const version = `tfjs ${tf.version.tfjs}`;
