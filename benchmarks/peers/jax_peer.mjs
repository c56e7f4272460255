// The benchmark's cases in jax-js, each jitted as a whole. Usage: jax_peer.mjs wasm|webgpu THREADS CASE...
import { main } from "./measure.mjs";
import { provideIteratorHelpers, provideWorkers } from "./platform.mjs";

const [device, threads, ...names] = process.argv.slice(2);
const dawn = device === "webgpu" ? await import("./dawn.mjs") : undefined;
provideIteratorHelpers();
if (device === "wasm" && threads > 1) provideWorkers(Number(threads));
// It looks for the platform while it is loaded.
const {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy: np,
  random,
  tree,
  valueAndGrad,
} = await import("@jax-js/jax");
await init(device);
defaultDevice(device);

let seed = 0;
const normal = (shape, scale = 1) => random.normal(random.key(seed++), shape).mul(scale);

/** Runs a jitted function on inputs that stay, and waits for the result. */
const running = (fn, ...inputs) => {
  const compiled = jit(fn);
  return async () => {
    const result = compiled(...inputs.map((x) => x.ref));
    await blockUntilReady(result);
    tree.dispose(result);
  };
};

const matmul = (n) => () => running((a, b) => np.matmul(a, b), normal([n, n]), normal([n, n]));

/** Parameters of a model under construction; in a loss, `p.next()` gives them in the same order. */
class Parameters {
  all = [];

  dense(inputs, outputs) {
    this.all.push(normal([inputs, outputs], Math.sqrt(1 / inputs)), np.zeros([outputs]));
  }

  convolution(size, cin, cout) {
    this.all.push(normal([cout, cin, size, size], Math.sqrt(1 / (size * size * cin))), np.zeros([cout, 1, 1]));
  }

  norm(width) {
    this.all.push(np.ones([width]), np.zeros([width]));
  }
}

/** One Adam or AdamW step over a list of parameters; `loss(next, key)` takes them one by one. */
const training = (parameters, loss, { rate = 1e-3, decay = 0 } = {}) => {
  const ofList = (p, key) => {
    const queue = [...p];
    return loss(() => queue.shift(), key);
  };
  const step = jit((p, m, v, t) => {
    const [value, g] = valueAndGrad(ofList)(tree.ref(p), random.key(t.ref.astype(np.uint32)));
    const next = { p: [], m: [], v: [] };
    for (let i = 0; i < p.length; i++) {
      const mean = m[i].mul(0.9).add(g[i].ref.mul(0.1));
      const square = v[i].mul(0.999).add(g[i].ref.mul(g[i]).mul(0.001));
      const c1 = np.subtract(1, np.exp(t.ref.mul(Math.log(0.9))));
      const c2 = np.subtract(1, np.exp(t.ref.mul(Math.log(0.999))));
      const change = mean.ref
        .div(c1)
        .mul(rate)
        .div(np.sqrt(square.ref.div(c2)).add(1e-8));
      next.p.push((decay > 0 ? p[i].mul(1 - rate * decay) : p[i]).sub(change));
      next.m.push(mean);
      next.v.push(square);
    }
    return [value, next.p, next.m, next.v, t.add(1)];
  });
  let state = [
    parameters,
    parameters.map((x) => np.zeros(x.shape)),
    parameters.map((x) => np.zeros(x.shape)),
    np.array(1),
  ];
  return async () => {
    const [value, ...rest] = step(...state);
    state = rest;
    const [read] = await value.data();
    if (!Number.isFinite(read)) throw new Error(`the loss is ${read}`);
  };
};

const labels = (n, count, first = 0) =>
  nn.oneHot(np.array(Int32Array.from({ length: n }, (_, i) => ((first + i) * 7) % count)), count);
const crossEntropy = (logits, y) =>
  nn
    .logSoftmax(logits)
    .mul(y.ref)
    .sum()
    .mul(-1 / logits.shape[0]);
const linear = (x, next) => np.matmul(x, next()).add(next());

const mlp = () => {
  const p = new Parameters();
  p.dense(784, 512);
  p.dense(512, 512);
  p.dense(512, 10);
  const x = normal([128, 784]);
  const y = labels(128, 10);
  return training(p.all, (next) => {
    const h1 = nn.relu(linear(x.ref, next));
    const h2 = nn.relu(linear(h1, next));
    return crossEntropy(linear(h2, next), y);
  });
};

/** The largest value of each 2 x 2 block. */
const maxPool = (x) => {
  const [n, c, h, w] = x.shape;
  const [rows, columns] = [h >> 1, w >> 1];
  return np.max(x.slice([], [], [0, 2 * rows], [0, 2 * columns]).reshape([n, c, rows, 2, columns, 2]), [3, 5]);
};

const dropout = (x, key) => np.where(random.bernoulli(key, 0.5, x.shape), x.mul(2), 0);

const lenet = () => {
  const p = new Parameters();
  p.convolution(3, 1, 32);
  p.convolution(3, 32, 64);
  p.dense(1600, 128);
  p.dense(128, 10);
  const x = normal([128, 1, 28, 28]);
  const y = labels(128, 10);
  const convolve = (h, next) => lax.conv(h, next(), [1, 1], "VALID").add(next());
  return training(p.all, (next, key) => {
    const a = maxPool(nn.relu(convolve(x.ref, next)));
    const b = maxPool(nn.relu(convolve(a, next)));
    const h = dropout(nn.relu(linear(b.reshape([128, 1600]), next)), key);
    return crossEntropy(linear(h, next), y);
  });
};

/** Tokens are looked up by a product with one-hot rows: the gradient of `take` cannot be jitted in jax-js 0.1.25. */
const gpt = () => {
  const [layers, width, heads, context, vocabulary, batch] = [4, 128, 4, 64, 65, 32];
  const rows = batch * context;
  const p = new Parameters();
  p.all.push(normal([vocabulary, width], 0.02), normal([context, width], 0.02));
  for (let i = 0; i < layers; i++) {
    p.norm(width);
    p.dense(width, 3 * width);
    p.dense(width, width);
    p.norm(width);
    p.dense(width, 4 * width);
    p.dense(4 * width, width);
  }
  p.norm(width);
  p.dense(width, vocabulary);
  const x = labels(rows, vocabulary);
  const y = labels(rows, vocabulary, 1);
  const norm = (h, next) => nn.standardize(h, -1).mul(next()).add(next());
  const attention = (qkv) => {
    const [q, k, v] = np.split(qkv, 3, -1).map((t) => t.reshape([batch, context, heads, width / heads]));
    return nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([rows, width]);
  };
  const loss = (next) => {
    const tokens = np.matmul(x.ref, next()).reshape([batch, context, width]);
    let h = tokens.add(next()).reshape([rows, width]);
    for (let i = 0; i < layers; i++) {
      h = h.ref.add(linear(attention(linear(norm(h, next), next)), next));
      h = h.ref.add(linear(nn.gelu(linear(norm(h, next), next)), next));
    }
    return crossEntropy(linear(norm(h, next), next), y);
  };
  return training(p.all, loss, { rate: 3e-4, decay: 0.01 });
};

const cases = {
  matmul_256: matmul(256),
  matmul_512: matmul(512),
  matmul_1024: matmul(1024),
  conv2d_fwd: () => running((x, w) => lax.conv(x, w, [1, 1], "SAME"), normal([64, 64, 32, 32]), normal([64, 64, 3, 3])),
  gelu_chain_1e7: () => running((x) => nn.gelu(x), normal([10_000_000])),
  softmax_4096x1024: () => running((x) => nn.softmax(x, -1), normal([4096, 1024])),
  layernorm_4096x1024: () =>
    running(
      (x, scale, shift) => nn.standardize(x, -1).mul(scale).add(shift),
      normal([4096, 1024]),
      np.ones([1024]),
      np.zeros([1024]),
    ),
  sum_1e7: () => running((x) => x.sum(), normal([10_000_000])),
  dispatch_tiny_add: () => {
    const [a, b] = [normal([4]), normal([4])];
    return async () => {
      const c = a.ref.add(b.ref);
      await c.blockUntilReady();
      c.dispose();
    };
  },
  train_mlp: mlp,
  train_lenet: lenet,
  train_gpt: gpt,
};

const version = `jax-js 0.1.25${dawn === undefined ? "" : `, ${await dawn.adapterName()}`}`;
await main(cases, names, version, dawn?.counters);
process.exit(0);
