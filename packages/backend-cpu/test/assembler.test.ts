import type { FunctionBuilder } from "../src/wasm/function.ts";
import { ModuleBuilder } from "../src/wasm/module.ts";
import { f32, f64, i32, i64, select } from "../src/wasm/numeric.ts";
import { f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, relaxed, v128 } from "../src/wasm/simd.ts";
import type { Local, Value, ValueType } from "../src/wasm/value.ts";

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const i32s = new Int32Array(memory.buffer);
const f32s = new Float32Array(memory.buffer);
const f64s = new Float64Array(memory.buffer);
const bytes = new Uint8Array(memory.buffer);

type Body<P extends readonly ValueType[]> = (f: FunctionBuilder, ...params: { [K in keyof P]: Local<P[K]> }) => void;

/** Assembles one function and returns it. */
const assemble = <const P extends readonly ValueType[]>(
  params: P,
  results: readonly ValueType[],
  body: Body<P>,
): ((...args: (number | bigint)[]) => number | bigint) => {
  const module = new ModuleBuilder({ shared: false, maxPages: 1 });
  module.add("f", params, results, body);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
  return instance.exports.f as () => number;
};

const constant = (value: Value): number | bigint => assemble([], [value.type], (f) => f.result(value))();

/** The 16 bytes of a vector value, stored at address 0. */
const vector = (value: Value<"v128">): void => {
  assemble([], [], (f) => f.store(i32.const(0), value))();
};

test("constants of every type keep their value", () => {
  for (const n of [0, 1, -1, 63, 64, -64, -65, 127, 128, 2147483647, -2147483648]) {
    expect(constant(i32.const(n))).toBe(n);
  }
  for (const n of [0n, -1n, 2n ** 62n, -(2n ** 63n)]) expect(constant(i64.const(n))).toBe(n);
  for (const x of [0, -0, 0.1, Number.NaN, -Infinity]) {
    expect(constant(f32.const(x))).toBe(Math.fround(x));
    expect(constant(f64.const(x))).toBe(x);
  }
});

test("i32 arithmetic and comparison follow the order of their arguments", () => {
  expect(constant(i32.sub(7, 2))).toBe(5);
  expect(constant(i32.divS(-7, 2))).toBe(-3);
  expect(constant(i32.remU(7, 4))).toBe(3);
  expect(constant(i32.shrU(-1, 31))).toBe(1);
  expect(constant(i32.ltU(1, -1))).toBe(1);
  expect(constant(i32.ltS(1, -1))).toBe(0);
});

test("i64 and f64 convert", () => {
  expect(constant(i64.mul(i64.const(3000000000n), i64.const(3n)))).toBe(9000000000n);
  expect(constant(i64.truncSatF64S(f64.const(1e300)))).toBe(2n ** 63n - 1n);
  expect(constant(f64.promoteF32(f32.const(0.5)))).toBe(0.5);
  expect(constant(f64.reinterpretI64(i64.reinterpretF64(f64.const(-2.5))))).toBe(-2.5);
});

test("select takes the first value when the condition holds", () => {
  expect(constant(select(i32.const(1), f32.const(2), f32.const(3)))).toBe(2);
  expect(constant(select(i32.const(0), f32.const(2), f32.const(3)))).toBe(3);
  expect(constant(i32x4.extractLane(select(i32.const(0), i32x4.const(1, 1, 1, 1), i32x4.const(2, 2, 2, 2)), 0))).toBe(
    2,
  );
});

test("locals hold values, tee sets and reads", () => {
  const f = assemble(["i32"], ["i32"], (f, x) => {
    const a = f.local("i32", i32.add(x, 1));
    const b = f.local("f64", f64.const(1));
    const c = f.local("i32");
    f.set(b, f64.add(b, b));
    f.result(i32.add(f.tee(c, i32.mul(a, 2)), i32.add(c, i32.truncSatF64S(b))));
  });
  expect(f(4)).toBe(22);
});

test("loops count, also when there is nothing to do", () => {
  const f = assemble(["i32", "i32"], ["i32"], (f, from, to) => {
    const sum = f.i32(0);
    const i = f.i32(0);
    f.loop(i, from, to, 2, () => f.increment(sum, i));
    f.result(sum);
  });
  expect(f(0, 7)).toBe(0 + 2 + 4 + 6);
  expect(f(3, 3)).toBe(0);
  expect(f(3, -3)).toBe(0);
});

test("vector constants keep their value inside and outside of loops", () => {
  const f = assemble(["i32"], ["i32"], (f, n) => {
    const sum = f.local("v128", i32x4.const(1, 2, 3, 4));
    const i = f.i32(0);
    f.loop(i, 0, n, 1, () => {
      f.set(sum, i32x4.add(sum, i32x4.const(5, 5, 5, 5)));
      f.if(i32.eq(i, 1), () => f.set(sum, i32x4.add(sum, i32x4.const(7, 7, 7, 7))));
      f.set(sum, i32x4.add(sum, i32x4.const(0, 0, 0, 0)));
    });
    f.result(i32x4.extractLane(i32x4.add(sum, i32x4.const(5, 5, 5, 5)), 1));
  });
  expect(f(3)).toBe(2 + 3 * 5 + 7 + 5);
});

test("blocks, branches and if", () => {
  const f = assemble(["i32"], ["i32"], (f, x) => {
    const y = f.i32(0);
    f.block((done) => {
      f.if(
        i32.eq(x, 1),
        () => {
          f.set(y, i32.const(10));
          f.br(done);
        },
        () => f.set(y, i32.const(20)),
      );
      f.repeat((again) => {
        f.increment(y, 1);
        f.brIf(done, i32.gtS(y, 25));
        f.br(again);
      });
    });
    f.result(y);
  });
  expect(f(1)).toBe(10);
  expect(f(2)).toBe(26);
});

test("functions call each other", () => {
  const module = new ModuleBuilder({ shared: false, maxPages: 1 });
  const square = module.add(undefined, ["i32"], ["i32"], (f, x) => f.result(i32.mul(x, x)));
  module.add("main", ["i32"], ["i32"], (f, x) => f.result(i32.add(f.callValue("i32", square, x), 1)));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
  expect((exports.main as (x: number) => number)(5)).toBe(26);
  expect(() => module.add("bad", [], [], (f) => f.call(square, f32.const(1)))).toThrow(
    "expected arguments (i32), got (f32)",
  );
});

test("scalar loads and stores, with offsets", () => {
  assemble([], [], (f) => {
    f.store(i32.const(0), i32.const(-2), 4);
    f.store(i32.const(8), f32.const(1.5));
    f.store(i32.const(16), f64.const(2.5));
    f.store8(i32.const(24), i32.const(0x1ff));
    f.store16(i32.const(25), i32.const(0x12345));
  })();
  expect([i32s[1], f32s[2], f64s[2], bytes[24], bytes[25], bytes[26]]).toEqual([-2, 1.5, 2.5, 255, 0x45, 0x23]);
  expect(constant(i32.load8S(i32.const(0), 24))).toBe(-1);
  expect(constant(i32.load16U(i32.const(25)))).toBe(0x2345);
});

test("memory is copied and filled", () => {
  assemble([], [], (f) => {
    f.fillBytes(i32.const(64), 7, 3);
    f.copyBytes(i32.const(80), i32.const(64), 4);
  })();
  expect([...bytes.subarray(80, 84)]).toEqual([7, 7, 7, 0]);
});

test("vector arithmetic, lanes and shuffles", () => {
  vector(f32x4.sub(f32x4.const(1, 2, 3, 4), f32x4.splat(f32.const(0.5))));
  expect([...f32s.subarray(0, 4)]).toEqual([0.5, 1.5, 2.5, 3.5]);
  vector(f64x2.div(f64x2.const(1, 9), f64x2.const(4, 3)));
  expect([...f64s.subarray(0, 2)]).toEqual([0.25, 3]);
  vector(i32x4.shrS(i32x4.const(-8, 8, 16, 32), 2));
  expect([...i32s.subarray(0, 4)]).toEqual([-2, 2, 4, 8]);
  vector(i64x2.mul(i64x2.const(3n, -1n), i64x2.const(5n, 7n)));
  expect([...new BigInt64Array(memory.buffer, 0, 2)]).toEqual([15n, -7n]);
  vector(i32x4.replaceLane(i32x4.const(1, 2, 3, 4), 2, i32.const(9)));
  expect([...i32s.subarray(0, 4)]).toEqual([1, 2, 9, 4]);
  const reverse = [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3];
  vector(i8x16.shuffle(i32x4.const(1, 2, 3, 4), i32x4.const(0, 0, 0, 0), reverse));
  expect([...i32s.subarray(0, 4)]).toEqual([4, 3, 2, 1]);
  vector(v128.bitselect(i32x4.const(1, 1, 1, 1), i32x4.const(2, 2, 2, 2), i32x4.const(-1, 0, -1, 0)));
  expect([...i32s.subarray(0, 4)]).toEqual([1, 2, 1, 2]);
  expect(constant(i32x4.bitmask(i32x4.const(-1, 0, -1, 0)))).toBe(5);
});

test("vector loads widen, splat and fill lanes", () => {
  bytes.set([1, 255, 3, 4, 5, 6, 7, 8], 100);
  vector(i32x4.extendLowI16x8S(i16x8.load8x8S(i32.const(100))));
  expect([...i32s.subarray(0, 4)]).toEqual([1, -1, 3, 4]);
  vector(v128.load32Lane(i32.const(100), v128.load8Splat(i32.const(102)), 1));
  expect([...bytes.subarray(0, 16)]).toEqual([3, 3, 3, 3, 1, 255, 3, 4, 3, 3, 3, 3, 3, 3, 3, 3]);
  assemble([], [], (f) => f.storeLane(2, i32.const(0), i32x4.const(1, 2, 0x12345, 4), 4))();
  expect(bytes[0]).toBe(0x45);
});

test("relaxed operations encode as the engine expects", () => {
  const madd = (): void =>
    vector(relaxed.f32x4Madd(f32x4.const(1, 2, 3, 4), f32x4.const(2, 2, 2, 2), f32x4.const(1, 1, 1, 1)));
  const module = new ModuleBuilder({ shared: false, maxPages: 1 });
  module.add("f", [], [], (f) =>
    f.store(i32.const(0), relaxed.f32x4Madd(f32x4.const(0, 0, 0, 0), f32x4.const(0, 0, 0, 0), f32x4.const(0, 0, 0, 0))),
  );
  if (!WebAssembly.validate(module.toBytes())) {
    expect(madd).toThrow(/relaxed|invalid/i);
    return;
  }
  madd();
  expect([...f32s.subarray(0, 4)]).toEqual([3, 5, 7, 9]);
});

test("a shared memory needs a module that says so", () => {
  const module = new ModuleBuilder({ shared: true, maxPages: 2 });
  module.add("f", [], ["i32"], (f) => f.result(i32.load(i32.const(0))));
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  const compiled = new WebAssembly.Module(module.toBytes());
  expect(() => new WebAssembly.Instance(compiled, { env: { memory } })).toThrow();
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory: shared } });
  expect((exports.f as () => number)()).toBe(0);
});

test("a calculated value is used once", () => {
  expect(() =>
    assemble(["i32"], ["i32"], (f, x) => {
      const twice = i32.add(x, x);
      f.result(i32.mul(twice, twice));
    }),
  ).toThrow("used twice");
});

test("a value of the wrong type is refused", () => {
  const wrong = f32.const(1) as unknown as Value<"v128">;
  expect(() => f32x4.add(wrong, wrong)).toThrow("expected a v128 argument, got f32");
});
