// The benchmark's cases in jax-js, each jitted as a whole. Usage: jax_peer.mjs THREADS CASE...
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import { main } from "./measure.mjs";

const [, ...names] = process.argv.slice(2);
await init("wasm");
defaultDevice("wasm");

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

/** One Adam step over a list of parameters; `loss(parameters)` is differentiated. */
const training = (parameters, loss) => {
  const step = jit((p, m, v, t) => {
    const [value, g] = valueAndGrad(loss)(tree.ref(p));
    const next = { p: [], m: [], v: [] };
    for (let i = 0; i < p.length; i++) {
      const mean = m[i].mul(0.9).add(g[i].ref.mul(0.1));
      const square = v[i].mul(0.999).add(g[i].ref.mul(g[i]).mul(0.001));
      const c1 = np.subtract(1, np.exp(t.ref.mul(Math.log(0.9))));
      const c2 = np.subtract(1, np.exp(t.ref.mul(Math.log(0.999))));
      const change = mean.ref
        .div(c1)
        .mul(1e-3)
        .div(np.sqrt(square.ref.div(c2)).add(1e-8));
      next.p.push(p[i].sub(change));
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
    await value.data();
  };
};

const labels = (n, classes) =>
  nn.oneHot(np.array(Int32Array.from({ length: n }, (_, i) => (i * 7) % classes)), classes);
const crossEntropy = (logits, y) =>
  nn
    .logSoftmax(logits)
    .mul(y.ref)
    .sum()
    .mul(-1 / logits.shape[0]);
const dense = (inputs, outputs) => [normal([inputs, outputs], Math.sqrt(2 / inputs)), np.zeros([outputs])];

const cases = {
  matmul_256: matmul(256),
  matmul_512: matmul(512),
  matmul_1024: matmul(1024),
  conv2d_fwd: () => running((x, w) => lax.conv(x, w, [1, 1], "SAME"), normal([64, 64, 32, 32]), normal([64, 64, 3, 3])),
  gelu_chain_1e7: () => running((x) => nn.gelu(x), normal([10_000_000])),
  softmax_4096x1024: () => running((x) => nn.softmax(x, -1), normal([4096, 1024])),
  sum_1e7: () => running((x) => x.sum(), normal([10_000_000])),
  dispatch_tiny_add: () => {
    const [a, b] = [normal([4]), normal([4])];
    return async () => {
      const c = a.ref.add(b.ref);
      await c.blockUntilReady();
      c.dispose();
    };
  },
  train_mlp: () => {
    const x = normal([128, 784]);
    const y = labels(128, 10);
    return training([...dense(784, 512), ...dense(512, 512), ...dense(512, 10)], (p) => {
      const h1 = nn.relu(np.matmul(x.ref, p[0]).add(p[1]));
      const h2 = nn.relu(np.matmul(h1, p[2]).add(p[3]));
      return crossEntropy(np.matmul(h2, p[4]).add(p[5]), y);
    });
  },
};

await main(cases, names, "jax-js 0.1.25");
