import { ModuleBuilder } from "./wasm/module.ts";
import { relaxed, v128 } from "./wasm/simd.ts";

let known: boolean | undefined;

/** Whether the engine has relaxed SIMD. */
export const hasRelaxedSimd = (): boolean => {
  if (known === undefined) {
    const module = new ModuleBuilder({ shared: false, maxPages: 1 });
    module.add(undefined, ["i32"], [], (f, address) => {
      const one = (): ReturnType<typeof v128.load> => v128.load(address);
      f.store(address, relaxed.f32x4Madd(one(), one(), one()));
    });
    known = WebAssembly.validate(module.toBytes());
  }
  return known;
};
