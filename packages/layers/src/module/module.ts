import type { Shape, Tensor, Variable } from "@gradloom/tensor";
import { locate } from "./locate.ts";
import type { LoadOptions, LoadReport } from "./state.ts";
import { loadState, stateOf } from "./state.ts";
import type { Summary } from "./summary.ts";
import { summarize } from "./summary.ts";
import { isModule, walk } from "./walk.ts";

/** A module whatever it takes and gives. */
// biome-ignore lint/suspicious/noExplicitAny: nothing else stands for every list of inputs
export type AnyModule = Module<any, any>;

/** Sees a module's inputs before `forward`, and may replace them by returning others. */
export type ForwardPreHook<Inputs extends readonly unknown[]> = {
  bivariant(module: AnyModule, inputs: Inputs): Inputs | undefined;
}["bivariant"];

/** Sees a module's inputs and output after `forward`, and may replace the output by returning another. */
export type ForwardHook<Inputs extends readonly unknown[], Output> = {
  bivariant(module: AnyModule, inputs: Inputs, output: Output): Output | undefined;
}["bivariant"];

/** The modules that are being called, outermost first. */
const running: AnyModule[] = [];

/**
 * A part of a model: a function with parameters. Parameters (trainable variables), buffers (other variables) and modules are found
 * in its own fields, in lists, maps and plain objects in them too, and named by where they are: "features.0.weight". Fields whose names
 * begin with # are not looked at.
 *
 * @example
 * class Net extends Module {
 *   readonly hidden = new Linear(784, 128);
 *   readonly output = new Linear(128, 10);
 *   forward(x: Tensor): Tensor {
 *     return this.output.call(relu(this.hidden.call(x)));
 *   }
 * }
 */
export abstract class Module<Inputs extends readonly unknown[] = [x: Tensor], Output = Tensor> {
  /** Whether layers behave as they do while a model is trained; set it with `train()` and `eval()`. */
  training = true;
  /** @internal */
  readonly [isModule] = true;
  readonly #before = new Set<ForwardPreHook<Inputs>>();
  readonly #after = new Set<ForwardHook<Inputs, Output>>();

  /** What the module computes; use `call` to run it. */
  abstract forward(...inputs: Inputs): Output;

  /** Runs the module: hooks, then `forward`, then hooks. Errors say in which layer of the model they arose. */
  call(...inputs: Inputs): Output {
    running.push(this);
    try {
      let given = inputs;
      for (const hook of this.#before) given = hook(this, given) ?? given;
      let output = this.forward(...given);
      for (const hook of this.#after) output = hook(this, given, output) ?? output;
      return output;
    } catch (error) {
      locate(error, this, running[0] as AnyModule);
      throw error;
    } finally {
      running.pop();
    }
  }

  /** Calls `hook` before each `forward`; gives a function that removes it. */
  registerForwardPreHook(hook: ForwardPreHook<Inputs>): () => void {
    this.#before.add(hook);
    return () => this.#before.delete(hook);
  }

  /** Calls `hook` after each `forward`; gives a function that removes it. */
  registerForwardHook(hook: ForwardHook<Inputs, Output>): () => void {
    this.#after.add(hook);
    return () => this.#after.delete(hook);
  }

  /** Makes this module and all in it behave as in training, or not. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** The same as `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** This module, named "", and all in it by name; a module that is in several places counts once. */
  namedModules(): Map<string, AnyModule> {
    return walk(this).modules;
  }

  modules(): AnyModule[] {
    return [...this.namedModules().values()];
  }

  /** What training changes, by name; a variable that is in several places counts once. */
  namedParameters(): Map<string, Variable> {
    return walk(this).parameters;
  }

  parameters(): Variable[] {
    return [...this.namedParameters().values()];
  }

  /** State that no optimizer changes, such as running statistics, by name. */
  namedBuffers(): Map<string, Variable> {
    return walk(this).buffers;
  }

  buffers(): Variable[] {
    return [...this.namedBuffers().values()];
  }

  /**
   * The current values of all parameters and buffers by name. They follow the variables: `await evaluate(...Object.values(state))`
   * makes copies that outlive the next update.
   */
  stateDict(): Record<string, Tensor> {
    return stateOf(this);
  }

  /**
   * Gives parameters and buffers the values of a state; element types are converted. When anything does not fit, nothing changes.
   *
   * @param options.strict With false, names that the state or the model lacks are reported instead of refused.
   * @throws ArgumentError that lists what is missing, unexpected and of another shape.
   * @example model.loadStateDict(await loadSafetensors("model.safetensors"))
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>, options: LoadOptions = {}): LoadReport {
    return loadState(this, state, options);
  }

  /**
   * All layers with their output shapes and numbers of parameters for inputs of the given shapes (zeros of float32) or like the given
   * tensors. Nothing is computed.
   *
   * @example console.log(String(model.summary([1, 28, 28, 1])))
   */
  summary(...inputs: readonly (Shape | Tensor)[]): Summary {
    return summarize(this, inputs);
  }
}
