import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, Variable, zeros } from "@gradloom/tensor";

/** A value per batch, averaged over samples: `(outputs, targets) => outputs.argmax(-1).equal(targets).mean()`. */
export type MetricFunction = (outputs: Tensor, targets: Tensor) => Tensor;

/** A measure that keeps its own state in variables, so that it is worked out on the device and read when needed. */
export interface StreamingMetric {
  /** Takes a batch into account by `Variable.update`; runs inside of the compiled step. */
  update(outputs: Tensor, targets: Tensor): void;
  /** The value over all batches since the last `reset`. */
  compute(): Tensor | number | Promise<Tensor | number>;
  reset(): void;
}

export type Metric = MetricFunction | StreamingMetric;

/** Metrics by the names that appear in logs. */
export type Metrics = Readonly<Record<string, Metric>>;

/** A number, or nested lists for a metric of several numbers. */
export type MetricValue = number | readonly MetricValue[];

/** The values of the loss (`loss`) and of metrics by name. */
export type Values = Readonly<Record<string, MetricValue>>;

/** The mean over samples of a number per batch, summed up on the device. */
class Mean {
  readonly #sum: Variable;
  readonly #count: Variable;

  constructor(name: string, like: Tensor) {
    const dtype = like.dtype === "float64" ? "float64" : "float32";
    const start = (): Tensor => zeros([], { dtype, device: like.device });
    this.#sum = new Variable(start(), { name: `${name}.sum`, trainable: false });
    this.#count = new Variable(start(), { name: `${name}.count`, trainable: false });
  }

  update(value: Tensor, samples: number): void {
    this.#sum.update((sum) => sum.add(value.reshape([]).cast(sum.dtype).mul(samples)));
    this.#count.update((count) => count.add(samples));
  }

  compute(): Tensor {
    return this.#sum.value.div(this.#count.value);
  }

  reset(): void {
    for (const variable of [this.#sum, this.#count]) variable.assign(zeros([], variable));
  }

  dispose(): void {
    this.#sum.dispose();
    this.#count.dispose();
  }
}

const requireNumber = (name: string, value: Tensor): Tensor => {
  if (value.size === 1) return value;
  throw new ArgumentError(name, `gives one number per batch, got ${formatShape(value.shape)}`, "take its mean()");
};

/** The loss and the metrics of a pass over data. State lives on the device; nothing waits until `read`. */
export class Meter {
  readonly #metrics: Metrics;
  readonly #means = new Map<string, Mean>();

  constructor(op: string, metrics: Metrics) {
    for (const [name, metric] of Object.entries(metrics)) {
      if (name === "loss")
        throw new ArgumentError(op, 'a metric is called "loss", which is the loss itself', "rename it");
      if (typeof metric !== "function" && typeof metric?.update !== "function") {
        throw new ArgumentError(op, `the metric "${name}" is neither a function nor { update, compute, reset }`);
      }
    }
    this.#metrics = metrics;
  }

  /** Takes a batch into account, within the step that is being built. */
  update(loss: Tensor | undefined, outputs: Tensor, targets: Tensor, samples: number): void {
    if (loss !== undefined) this.#mean("loss", loss).update(loss, samples);
    for (const [name, metric] of Object.entries(this.#metrics)) {
      if (typeof metric !== "function") metric.update(outputs, targets);
      else {
        const value = requireNumber(name, metric(outputs, targets));
        this.#mean(name, value).update(value, samples);
      }
    }
  }

  reset(): void {
    for (const mean of this.#means.values()) mean.reset();
    for (const metric of Object.values(this.#metrics)) if (typeof metric !== "function") metric.reset();
  }

  /** The values so far: waits for the device. */
  async read(): Promise<Values> {
    const names = this.#means.has("loss") ? ["loss", ...Object.keys(this.#metrics)] : Object.keys(this.#metrics);
    const values: Record<string, MetricValue> = {};
    for (const name of names) {
      const metric = this.#metrics[name];
      const mean = this.#means.get(name);
      const value = mean === undefined ? await (metric as StreamingMetric | undefined)?.compute?.() : mean.compute();
      if (value !== undefined) values[name] = typeof value === "number" ? value : await value.array();
    }
    return values;
  }

  dispose(): void {
    for (const mean of this.#means.values()) mean.dispose();
    this.#means.clear();
  }

  #mean(name: string, like: Tensor): Mean {
    const known = this.#means.get(name);
    if (known !== undefined) return known;
    const mean = new Mean(name, like);
    this.#means.set(name, mean);
    return mean;
  }
}
