import { gradients as gradientsOf } from "@gradloom/autograd";
import type { DType, Tensor } from "@gradloom/tensor";
import { ArgumentError, assign, DTypeError, ShapeError, sameShape, Variable, zeros } from "@gradloom/tensor";
import type { ParameterList } from "./ParameterGroup.ts";
import { checkParameters, groupsOf, ParameterGroup } from "./ParameterGroup.ts";
import type { CommonSettings, RuleState, UpdateRule } from "./rule.ts";
import { complete } from "./settings.ts";
import type { Assignment, Transform } from "./Transform.ts";
import { through } from "./Transform.ts";

/** What all optimizers take beside the settings of their rule. */
export interface OptimizerOptions {
  /** What happens between gradients and assignments, the outermost first: clipping, accumulation, averaging, constraints. */
  readonly transforms?: readonly Transform[];
}

/** Tensors to compute with a step, so that they can be read afterwards. */
export interface StepOptions {
  readonly keep?: readonly Tensor[];
}

/** 16-bit floats are updated in float32. */
const wide = (dtype: DType): DType => (dtype === "float64" ? "float64" : "float32");

const hidden = (name: string, value: Tensor): Variable => new Variable(value, { name, trainable: false });

/**
 * Updates parameters by a rule. All of a step is one assignment: new parameters, state, step counter, and what is kept are computed in
 * one evaluation, one fused kernel per parameter for elementwise rules, in place.
 */
export class Optimizer<S extends CommonSettings = CommonSettings> {
  readonly name: string;
  readonly groups: readonly ParameterGroup<S>[];
  /** Every parameter, group after group: the order of gradients and of the numbers in the names of the state. */
  readonly parameters: readonly Variable[];
  /** The steps taken so far, int32 of rank 0. */
  readonly steps: Variable;
  // Without S in its type, an optimizer with more settings is one with fewer.
  // biome-ignore lint/suspicious/noExplicitAny: its settings are those of the groups
  readonly #rule: UpdateRule<any, RuleState>;
  readonly #transforms: readonly Transform[];
  readonly #states: readonly Readonly<Record<string, Variable>>[];
  readonly #shared: readonly Readonly<Record<string, Variable>>[];

  /** @throws ArgumentError, DTypeError for settings out of range and for parameters that cannot be updated. */
  constructor(rule: UpdateRule<S, RuleState>, parameters: ParameterList<S>, options: Partial<S> & OptimizerOptions) {
    const { transforms = [], ...given } = options;
    const { name } = rule;
    const general = complete(name, rule.defaults, rule.ranges, given as unknown as Partial<S>);
    const groups = groupsOf<S>(name, parameters).map((group) => {
      const settings = complete(name, general, rule.ranges, group.given);
      rule.check?.(settings);
      return { parameters: group.parameters, settings };
    });
    this.name = name;
    this.parameters = groups.flatMap((group) => group.parameters);
    const device = checkParameters(name, this.parameters);
    const starts = groups.flatMap(({ parameters: members, settings }) =>
      members.map((p) => rule.state(zeros(p.shape, { dtype: wide(p.dtype), device }), settings)),
    );
    this.#rule = rule;
    this.#transforms = transforms;
    this.groups = groups.map((group) => new ParameterGroup(name, group.parameters, group.settings));
    this.steps = hidden("step", zeros([], { dtype: "int32", device }));
    this.#states = starts.map((start, i) => {
      const slots = Object.entries(start).filter((slot): slot is [string, Tensor] => slot[1] !== undefined);
      return Object.fromEntries(slots.map(([slot, value]) => [slot, hidden(`${slot}.${i}`, value)]));
    });
    this.#shared = this.groups.map(({ rate }, i) => {
      const slots = Object.entries(rule.shared?.start ?? {});
      const variable = (slot: string, value: number) => hidden(`${slot}.${i}`, rate.value.constant(value));
      return Object.fromEntries(slots.map(([slot, value]) => [slot, variable(slot, value)]));
    });
  }

  /** The learning rate of the first group; a new one is given to every group. It compiles nothing. */
  get learningRate(): number {
    return (this.groups[0] as ParameterGroup<S>).learningRate;
  }

  set learningRate(rate: number) {
    for (const group of this.groups) group.learningRate = rate;
  }

  /**
   * One step against the gradients of `loss`, which is computed in the same evaluation and can be read later.
   *
   * @param loss A tensor of one element that depends on the parameters.
   * @example optimizer.minimize(loss); console.log(await loss.item())
   */
  minimize(loss: Tensor, { keep = [] }: StepOptions = {}): void {
    this.apply(gradientsOf(loss, this.parameters), { keep: [loss, ...keep] });
  }

  /**
   * One step with given gradients, one per parameter.
   *
   * @throws ArgumentError, ShapeError when the gradients do not fit the parameters; nothing changes then.
   * @example optimizer.apply(gradients(loss, optimizer.parameters), { keep: [loss, accuracy] })
   */
  apply(gradients: readonly Tensor[], { keep = [] }: StepOptions = {}): void {
    assign(this.updates(gradients), { keep });
  }

  /** What a step would assign, without assigning it. */
  updates(gradients: readonly Tensor[]): Assignment[] {
    this.#check(gradients);
    return through(this.#transforms, gradients, (list) => this.#updates(list));
  }

  /** Everything that the optimizer remembers, by name: `step`, `learningRate.0`, `m.0`, ... */
  state(): Record<string, Variable> {
    const state: Record<string, Variable> = { step: this.steps };
    this.groups.forEach(({ rate }, i) => {
      state[`learningRate.${i}`] = rate;
    });
    for (const list of [this.#shared, this.#states]) {
      list.forEach((slots, i) => {
        for (const [slot, variable] of Object.entries(slots)) state[`${slot}.${i}`] = variable;
      });
    }
    this.#transforms.forEach((transform, i) => {
      if (typeof transform === "function") return;
      for (const [key, variable] of Object.entries(transform.state())) state[`transforms.${i}.${key}`] = variable;
    });
    return state;
  }

  /**
   * Takes over what `state()` of an optimizer with the same rule and parameters gave: the next step is the same.
   *
   * @throws ArgumentError, ShapeError, DTypeError when a name is missing or unknown, or a value does not fit; nothing changes then.
   */
  async loadState(saved: Readonly<Record<string, Tensor | Variable>>): Promise<void> {
    const state = this.state();
    for (const key of Object.keys(saved)) {
      if (!Object.hasOwn(state, key)) throw new ArgumentError(this.name, `keeps no ${key}`, this.#remedy);
    }
    const updates = Object.entries(state).map(([key, variable]): Assignment => {
      const entry = Object.hasOwn(saved, key) ? saved[key] : undefined;
      if (entry === undefined) throw new ArgumentError(this.name, `the state lacks ${key}`, this.#remedy);
      if (!sameShape(entry.shape, variable.shape)) {
        const shapes = `got [${entry.shape.join(",")}] for [${variable.shape.join(",")}]`;
        throw new ShapeError(this.name, `${key} of the state does not fit, ${shapes}`, this.#remedy);
      }
      if (entry.dtype !== variable.dtype) {
        throw new DTypeError(
          this.name,
          `${key} of the state does not fit, got ${entry.dtype} for ${variable.dtype}`,
          this.#remedy,
        );
      }
      return [variable, entry instanceof Variable ? entry.value : entry];
    });
    const values = new Map(updates);
    const rates = await Promise.all(this.groups.map(({ rate }) => (values.get(rate) as Tensor).item()));
    assign(updates);
    this.groups.forEach((group, i) => {
      group.noteLearningRate(rates[i] as number);
    });
  }

  readonly #remedy = "load the state of an optimizer with the same rule, settings and parameters";

  #check(gradients: readonly Tensor[]): void {
    const { name, parameters } = this;
    if (gradients.length !== parameters.length) {
      throw new ArgumentError(name, `needs a gradient per parameter, got ${gradients.length} for ${parameters.length}`);
    }
    parameters.forEach((p, i) => {
      const g = gradients[i] as Tensor;
      if (sameShape(g.shape, p.shape)) return;
      throw new ShapeError(
        name,
        `gradient ${i} does not fit ${p.name}, got [${g.shape.join(",")}] for [${p.shape.join(",")}]`,
      );
    });
  }

  /** The rule's assignments: the counter, the shared numbers, then each parameter with its state. */
  #updates(gradients: readonly Tensor[]): Assignment[] {
    const rule = this.#rule;
    const steps = this.steps.value.add(1);
    const assignments: Assignment[] = [[this.steps, steps]];
    let i = 0;
    this.groups.forEach(({ parameters, settings, rate }, k) => {
      const slots = this.#shared[k] as Record<string, Variable>;
      const advanced = rule.shared?.advance(valuesOf(slots), steps.cast(rate.dtype), settings) ?? {};
      for (const [slot, variable] of Object.entries(slots)) assignments.push([variable, advanced[slot] as Tensor]);
      // Types within a group are few: what its parameters share is worked out once for each.
      const byType = new Map<DType, ReturnType<typeof rule.step>>();
      for (const parameter of parameters) {
        const dtype = wide(parameter.dtype);
        let update = byType.get(dtype);
        if (update === undefined) {
          const shared = Object.fromEntries(Object.entries(advanced).map(([slot, x]) => [slot, x.cast(dtype)]));
          update = rule.step({ t: steps.cast(dtype), learningRate: rate.value.cast(dtype), shared }, settings);
          byType.set(dtype, update);
        }
        const state = this.#states[i] as Record<string, Variable>;
        const g = (gradients[i] as Tensor).cast(dtype);
        const next = update(parameter.value.cast(dtype), settings.maximize ? g.neg() : g, valuesOf(state));
        assignments.push([parameter, next.p.cast(parameter.dtype)]);
        for (const [slot, variable] of Object.entries(state)) assignments.push([variable, next[slot] as Tensor]);
        i++;
      }
    });
    return assignments;
  }
}

const valuesOf = (variables: Readonly<Record<string, Variable>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, value]));

/** An optimizer as a class: `new Adam(parameters, { learningRate })`. */
export interface OptimizerClass<S extends CommonSettings> {
  /**
   * @param parameters Variables, or groups `{ parameters, learningRate, ... }` whose settings go before those of `options`.
   * @throws ArgumentError, DTypeError for settings out of range and for parameters that cannot be updated.
   */
  new (parameters: ParameterList<S>, options?: Partial<S> & OptimizerOptions): Optimizer<S>;
  readonly defaults: Readonly<S>;
}

/** Makes an optimizer of an update rule. */
export const defineOptimizer = <S extends CommonSettings, T extends RuleState>(
  rule: UpdateRule<S, T>,
): OptimizerClass<S> => {
  const construct = function construct(parameters: ParameterList<S>, options: Partial<S> & OptimizerOptions = {}) {
    return new Optimizer<S>(rule as unknown as UpdateRule<S, RuleState>, parameters, options);
  };
  Object.defineProperty(construct, "name", { value: rule.name });
  return Object.assign(construct, { defaults: rule.defaults }) as unknown as OptimizerClass<S>;
};
