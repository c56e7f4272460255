import { ArgumentError, type Device, DTypeError, isFloat, tensor, Variable } from "@gradloom/tensor";
import type { CommonSettings } from "./rule.ts";
import { nonNegative } from "./settings.ts";

/** Parameters with settings of their own, as a user writes them; what is left out is the optimizer's. */
export type GroupOptions<S extends CommonSettings> = Partial<S> & { readonly parameters: Iterable<Variable> };

/** What an optimizer updates: parameters, or groups of them. */
export type ParameterList<S extends CommonSettings> = Iterable<Variable> | Iterable<GroupOptions<S>>;

/** Parameters that are updated with the same settings. */
export class ParameterGroup<S extends CommonSettings = CommonSettings> {
  readonly parameters: readonly Variable[];
  readonly settings: Readonly<S>;
  /** The learning rate on the device, of rank 0. */
  readonly rate: Variable;
  readonly #name: string;
  #learningRate: number;

  constructor(name: string, parameters: readonly Variable[], settings: S) {
    this.#name = name;
    this.parameters = parameters;
    this.settings = settings;
    this.#learningRate = settings.learningRate;
    const { device } = parameters[0] as Variable;
    const dtype = parameters.some((p) => p.dtype === "float64") ? "float64" : "float32";
    this.rate = new Variable(tensor(settings.learningRate, { dtype, device }), {
      name: "learning rate",
      trainable: false,
    });
  }

  /** The learning rate; a new one holds from the next step on and compiles nothing. */
  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(rate: number) {
    if (!nonNegative.holds(rate)) {
      throw new ArgumentError(this.#name, `learningRate must be ${nonNegative.text}, got ${String(rate)}`);
    }
    if (rate === this.#learningRate) return;
    this.#learningRate = rate;
    this.rate.assign(tensor(rate, { dtype: this.rate.dtype, device: this.rate.device }));
  }

  /** Takes over a rate that the device has already. @internal */
  noteLearningRate(rate: number): void {
    this.#learningRate = rate;
  }
}

/** The groups that a user means, as lists. */
export const groupsOf = <S extends CommonSettings>(
  name: string,
  parameters: ParameterList<S>,
): { readonly parameters: readonly Variable[]; readonly given: Partial<S> }[] => {
  const list: (Variable | GroupOptions<S>)[] = [...parameters];
  if (list.length === 0) throw new ArgumentError(name, "has nothing to update, got no parameters");
  if (list.every((entry) => entry instanceof Variable)) return [{ parameters: list, given: {} }];
  return list.map((entry, i) => {
    if (entry instanceof Variable || typeof entry !== "object" || entry === null || !("parameters" in entry)) {
      throw new ArgumentError(
        name,
        `entry ${i} is not a group`,
        "give variables only, or groups { parameters, ... } only",
      );
    }
    const { parameters: members, ...given } = entry;
    return { parameters: [...members], given: given as unknown as Partial<S> };
  });
};

/** Refuses parameters that cannot be updated together. */
export const checkParameters = (name: string, parameters: readonly Variable[]): Device => {
  const seen = new Set<Variable>();
  const device = parameters[0]?.device;
  for (const p of parameters) {
    if (!(p instanceof Variable)) throw new ArgumentError(name, `updates variables, got ${String(p)}`);
    if (seen.has(p)) throw new ArgumentError(name, `got the parameter ${p.name} twice`, "put it into one group");
    if (!isFloat(p.dtype)) throw new DTypeError(name, `updates floats, got ${p.name} of ${p.dtype}`);
    if (!p.trainable) {
      throw new ArgumentError(name, `${p.name} is not trainable`, "leave it out, or make it with { trainable: true }");
    }
    if (p.device !== device) {
      throw new ArgumentError(
        name,
        `parameters live on two devices, got ${device?.name} and ${p.device.name}`,
        "use one optimizer per device",
      );
    }
    seen.add(p);
  }
  if (device === undefined) throw new ArgumentError(name, "has nothing to update, got no parameters");
  return device;
};
