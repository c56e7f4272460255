import type { ComputeType } from "../dtype.ts";
import type { BinaryOp, ComparisonOp, NodeId, Reduction, UnaryOp } from "../expression.ts";
import { contiguousStrides, type Shape } from "../shape.ts";
import type { Range, View } from "../view.ts";
import type { Case, Operand } from "./case.ts";
import { fused, operand } from "./case.ts";
import type { Nodes } from "./nodes.ts";
import { createRandom, exactNumbers } from "./random.ts";

/** Draws of one fuzz case. */
interface Draw {
  /** A whole number from `low` to `high`. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
}

const createDraw = (seed: number): Draw => {
  const random = createRandom(seed);
  const whole = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return {
    whole,
    chance: (probability) => random() < probability,
    pick: (list) => list[whole(0, list.length - 1)] as (typeof list)[number],
    shuffle: (list) => {
      const result = [...list];
      for (let i = result.length - 1; i > 0; i--) {
        const j = whole(0, i);
        const x = result[i] as (typeof list)[number];
        result[i] = result[j] as (typeof list)[number];
        result[j] = x;
      }
      return result;
    },
  };
};

/** Memory strides of `shape` in a random order of dimensions, with gaps at times. */
const randomStrides = (draw: Draw, shape: Shape): number[] => {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = draw.chance(0.2) ? 2 : 1;
  for (const d of draw.chance(0.5) ? shape.map((_, i) => i).reverse() : draw.shuffle(shape.map((_, i) => i))) {
    strides[d] = stride;
    stride *= Math.max(1, shape[d] as number);
    if (draw.chance(0.15)) stride += draw.whole(1, 3);
  }
  return strides;
};

/** A view of `shape` whose dimensions may repeat, run backwards or have missing ends; `fixed` dimensions repeat for certain. */
const randomView = (draw: Draw, shape: Shape, fixed = 0): View => {
  const kind = shape.map((_, d) =>
    d >= shape.length - fixed ? "repeat" : draw.pick(["plain", "plain", "plain", "repeat", "back", "mask"] as const),
  );
  const valid = shape.map((n, d): Range => {
    if (kind[d] !== "mask") return [0, n];
    const low = draw.whole(0, Math.min(2, n));
    return [low, draw.whole(low, n)];
  });
  const memory = shape.map((_, d) => (kind[d] === "repeat" ? 1 : (valid[d] as Range)[1] - (valid[d] as Range)[0]));
  const strides = randomStrides(draw, memory).map((stride, d) =>
    kind[d] === "repeat" ? 0 : kind[d] === "back" ? -stride : stride,
  );
  let offset = draw.chance(0.3) ? draw.whole(1, 9) : 0;
  strides.forEach((stride, d) => {
    if (kind[d] === "back") offset -= stride * Math.max(0, (shape[d] as number) - 1);
    if (kind[d] === "mask") offset -= stride * (valid[d] as Range)[0];
  });
  return { shape, strides, offset, valid: kind.includes("mask") ? valid : undefined };
};

const randomShape = (draw: Draw, most: number): number[] => {
  const rank = draw.whole(0, 4);
  const shape = Array.from({ length: rank }, () => draw.pick([1, 2, 3, 4, 5, 7, 9, 17, 33]));
  while (shape.reduce((a, b) => a * b, 1) > most) shape[draw.whole(0, rank - 1)] = draw.whole(1, 3);
  if (rank > 0 && draw.chance(0.03)) shape[draw.whole(0, rank - 1)] = 0;
  return shape;
};

const unaryOps: Readonly<Record<ComputeType, readonly UnaryOp[]>> = {
  float32: ["neg", "abs", "sign", "floor", "ceil", "round", "trunc"],
  float64: ["neg", "abs", "sign", "floor", "ceil", "round", "trunc"],
  int32: ["neg", "abs", "sign", "not"],
  uint32: ["not", "sign"],
  bool: ["not"],
};
const binaryOps: Readonly<Record<ComputeType, readonly BinaryOp[]>> = {
  float32: ["add", "sub", "min", "max"],
  float64: ["add", "sub", "min", "max"],
  int32: ["add", "sub", "mul", "div", "rem", "min", "max", "and", "or", "xor", "shl", "shr"],
  uint32: ["add", "sub", "mul", "div", "rem", "min", "max", "and", "or", "xor", "shl", "shr"],
  bool: ["and", "or", "xor"],
};
const comparisons: readonly ComparisonOp[] = ["eq", "ne", "lt", "le", "gt", "ge"];
const foldable: Readonly<Record<ComputeType, readonly Reduction[]>> = {
  float32: ["sum", "max", "min", "argmax", "argmin"],
  float64: ["sum", "max", "min", "argmax", "argmin"],
  int32: ["sum", "prod", "max", "min", "argmax", "argmin"],
  uint32: ["sum", "prod", "max", "min", "argmax", "argmin"],
  bool: ["any", "all"],
};

/** A node made of nodes in `pool`; float results stay few-bit numbers, so that any order of sums gives the same. */
const grow = (draw: Draw, n: Nodes, pool: readonly NodeId[]): NodeId => {
  const a = draw.pick(pool);
  const type = n.typeOf(a);
  const alike = pool.filter((id) => n.typeOf(id) === type);
  const b = draw.pick(alike);
  switch (draw.pick(["unary", "binary", "binary", "binary", "select", "compare", "cast"] as const)) {
    case "unary":
      return n.unary(draw.pick(unaryOps[type]), a);
    case "binary":
      return n.binary(draw.pick(binaryOps[type]), a, b);
    case "compare":
      return type === "bool" ? n.compare("ne", a, b) : n.compare(draw.pick(comparisons), a, b);
    case "select": {
      const conditions = pool.filter((id) => n.typeOf(id) === "bool");
      const condition = conditions.length > 0 ? draw.pick(conditions) : n.cast("bool", a);
      return n.select(condition, a, b);
    }
    default:
      // Whole numbers of any size would not stay exact in floats.
      return type === "float32" || type === "float64" || type === "bool"
        ? n.cast(draw.pick(["int32", "bool", "int8"] as const), a)
        : n.cast("bool", a);
  }
};

const dtypesFor = [
  "float32",
  "float32",
  "float32",
  "int32",
  "float16",
  "uint8",
  "int8",
  "bool",
  "uint32",
  "float64",
] as const;

const operandsFor = (draw: Draw, shape: Shape, count: number): Operand[] =>
  Array.from({ length: count }, () =>
    operand(draw.pick(dtypesFor), randomView(draw, shape), exactNumbers(draw.whole(1, 1000))),
  );

const growPool = (draw: Draw, n: Nodes, start: readonly NodeId[], steps: number): NodeId[] => {
  const pool = [...start];
  for (let i = 0; i < steps; i++) pool.push(grow(draw, n, pool));
  return pool;
};

const randomMap = (draw: Draw, name: string): Case => {
  const shape = randomShape(draw, 3000);
  const operands = operandsFor(draw, shape, draw.whole(1, 4));
  return fused(name, { kind: "map" }, shape, operands, (n) => {
    const pool = growPool(
      draw,
      n,
      [...operands.map((_, i) => n.load(i)), n.index(randomView(draw, shape))],
      draw.whole(1, 12),
    );
    return draw
      .shuffle(pool.slice(1))
      .slice(0, draw.whole(1, 3))
      .map((node) => ({ node, strides: randomStrides(draw, shape) }));
  });
};

const randomReduce = (draw: Draw, name: string): Case => {
  const shape = randomShape(draw, 3000);
  const reduced = draw.whole(0, shape.length);
  const operands = operandsFor(draw, shape, draw.whole(1, 3));
  const kept = operand("float32", randomView(draw, shape, reduced), exactNumbers(draw.whole(1, 1000)));
  return fused(name, { kind: "reduce", reduced }, shape, [...operands, kept], (n) => {
    const inside = growPool(
      draw,
      n,
      operands.map((_, i) => n.load(i)),
      draw.whole(0, 6),
    );
    const folded = Array.from({ length: draw.whole(1, 3) }, () => {
      const id = draw.pick(inside);
      return n.reduce(draw.pick(foldable[n.typeOf(id)]), id);
    });
    const outside = growPool(draw, n, [n.load(operands.length), ...folded], draw.whole(0, 5));
    const strides = () => randomStrides(draw, shape.slice(0, shape.length - reduced));
    return draw
      .shuffle(outside)
      .slice(0, draw.whole(1, 3))
      .map((node) => ({ node, strides: strides() }));
  });
};

const randomRow = (draw: Draw, name: string): Case => {
  const shape = randomShape(draw, 600);
  const reduced = draw.whole(0, shape.length);
  const operands = operandsFor(draw, shape, draw.whole(1, 3));
  return fused(name, { kind: "row", reduced }, shape, operands, (n) => {
    let pool = growPool(
      draw,
      n,
      operands.map((_, i) => n.load(i)),
      draw.whole(0, 3),
    );
    const folded: NodeId[] = [];
    for (let depth = draw.whole(1, 3); depth > 0; depth--) {
      const id = draw.pick(pool);
      // Sums of sums would leave the exact numbers.
      const choices = foldable[n.typeOf(id)].filter((reduction) => depth === 1 || reduction !== "sum");
      folded.push(n.reduce(draw.pick(choices), id));
      pool = growPool(draw, n, [...pool, ...folded.slice(-1)], draw.whole(1, 2));
    }
    const full = draw
      .shuffle(pool)
      .slice(0, 2)
      .map((node) => ({ node, strides: randomStrides(draw, shape) }));
    const leading = shape.slice(0, shape.length - reduced);
    return [...full, { node: draw.pick(folded), strides: randomStrides(draw, leading) }];
  });
};

const randomMatmul = (draw: Draw, name: string): Case => {
  const batch = Array.from({ length: draw.whole(0, 2) }, () => draw.whole(1, 3));
  const [m, k, n] = [draw.whole(1, 40), draw.whole(0, 40), draw.whole(1, 40)];
  const shape = [...batch, m, n];
  const dtype = draw.pick(["float32", "float32", "int32", "float16"] as const);
  const type = dtype === "int32" ? dtype : "float32";
  const operands = [
    operand(dtype, randomView(draw, [...batch, m, k]), exactNumbers(draw.whole(1, 1000))),
    operand(dtype, randomView(draw, [...batch, k, n]), exactNumbers(draw.whole(1, 1000))),
    ...operandsFor(draw, shape, draw.whole(0, 2)),
  ];
  return fused(name, { kind: "matmul" }, shape, operands, (e) => {
    const pool = growPool(
      draw,
      e,
      [e.accumulator(type), ...operands.slice(2).map((_, i) => e.load(i + 2))],
      draw.whole(0, 5),
    );
    return [pool.at(-1) as NodeId, 0].map((node) => ({
      node,
      strides: draw.chance(0.5) ? contiguousStrides(shape) : randomStrides(draw, shape),
    }));
  });
};

/** Random kernels, the same ones every time. */
export const fuzz = (): Case[] =>
  Object.entries({ map: randomMap, reduce: randomReduce, row: randomRow, matmul: randomMatmul }).flatMap(
    ([kind, make], k) =>
      Array.from({ length: 50 }, (_, i) => make(createDraw(7919 * (k + 1) + i), `fuzz/${kind}/${i}`)),
  );
