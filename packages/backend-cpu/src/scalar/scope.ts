import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import type { Local, V128 } from "../wasm/value.ts";

/** Elements that one evaluation of an expression makes: 4, or 2 when any value is a float64. */
export type LaneCount = 2 | 4;

/**
 * Where a formula writes its instructions. Values of every type lie in lanes 0 to `lanes - 1` of their own width; a bool is 32 bits
 * wide, all ones or all zeros. What further lanes hold does not matter.
 */
export class Scope {
  readonly module: ModuleBuilder;
  readonly f: FunctionBuilder;
  readonly lanes: LaneCount;
  readonly relaxed: boolean;

  constructor(module: ModuleBuilder, f: FunctionBuilder, lanes: LaneCount, relaxed: boolean) {
    this.module = module;
    this.f = f;
    this.lanes = lanes;
    this.relaxed = relaxed;
  }

  /** The value in a form that may be used any number of times. */
  keep(value: V128): V128 {
    return value.args.length === 0 ? value : this.f.local("v128", value);
  }

  /** A new variable that holds the value. */
  variable(value: V128): Local<"v128"> {
    return this.f.local("v128", value);
  }
}
