import type { Coordinate, ScatterKernel, Shape } from "@gradloom/backend";
import { sizeOf } from "@gradloom/backend";
import { positions } from "../graph/leaves.ts";
import type { Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";

/** How scattered values meet what is there. */
export type ScatterMode = ScatterKernel["mode"];

/** How one dimension of the indexed tensor is addressed: by a dimension of the iteration, or by the index tensor of that number. */
export type Address = { readonly dim: number } | { readonly index: number };

interface Addressing {
  readonly addresses: readonly Address[];
  /** True when no index can be out of range. */
  readonly checked: boolean;
}

interface GatherAttributes extends Addressing {
  readonly shape: Shape;
}

interface ScatterAttributes extends Addressing {
  readonly mode: ScatterMode;
}

const coordinates = (addresses: readonly Address[], before: number): Coordinate[] =>
  addresses.map((address) => ("index" in address ? { input: before + address.index } : address));

/** True where all indices of `x`'s dimensions are in range. */
const inRange = (x: Shape, addresses: readonly Address[], indices: readonly Tensor[]): Tensor | undefined => {
  let result: Tensor | undefined;
  addresses.forEach((address, d) => {
    if (!("index" in address)) return;
    const index = indices[address.index] as Tensor;
    const n = x[d] as number;
    const fits = index.greaterEqual(index.constant(-n)).logicalAnd(index.less(index.constant(n)));
    result = result === undefined ? fits : result.logicalAnd(fits);
  });
  return result;
};

const none = (list: readonly unknown[]): undefined[] => list.map(() => undefined);

/** Inputs: x, then index tensors (int32) of the result's shape: `y[i] = x[address(i)]`. Out of range reads NaN, 0 or false. */
export const gatherPrimitive: Primitive<GatherAttributes> = definePrimitive<GatherAttributes>({
  name: "gather",
  infer: ([x], { shape }) => ({ shape, dtype: (x as Tensor).dtype }),
  lower: {
    kind: "kernel",
    fuses: true,
    template: ({ addresses }) => ({ kind: "gather", coordinates: coordinates(addresses, 1) }),
  },
  gradient: ({ inputs: [x, ...indices], attributes: { addresses, checked } }, g) => {
    const zeros = g.constant(0).broadcastTo((x as Tensor).shape);
    return [g.derive(scatterPrimitive, [zeros, g, ...indices], { addresses, checked, mode: "add" }), ...none(indices)];
  },
});

/** Elements at the addresses; 0 where an index is out of range. */
const gathered = (x: Tensor, indices: readonly Tensor[], addressing: Addressing, shape: Shape): Tensor => {
  const { addresses, checked } = addressing;
  const y = x.derive(gatherPrimitive, [x, ...indices], { addresses, checked, shape });
  const fits = checked ? undefined : inRange(x.shape, addresses, indices);
  return fits === undefined ? y : fits.where(y, y.constant(0));
};

/** Inputs: x, updates, then index tensors (int32) of the updates' shape: folds `updates[i]` into `x[address(i)]`, in row-major order. */
export const scatterPrimitive: Primitive<ScatterAttributes> = definePrimitive<ScatterAttributes>({
  name: "scatter",
  infer: ([x]) => x as Tensor,
  lower: {
    kind: "kernel",
    fuses: false,
    template: ({ mode, addresses }, { inputs }) => ({
      kind: "scatter",
      mode,
      updates: (inputs[1] as Tensor).shape,
      coordinates: coordinates(addresses, 2),
    }),
  },
  gradient: (node, g) => {
    const [x, updates, ...indices] = node.inputs as [Tensor, Tensor, ...Tensor[]];
    const { mode, ...addressing } = node.attributes;
    const places: Places = {
      at: (y) => gathered(y, indices, addressing, updates.shape),
      fold: (how, y, values) => y.derive(scatterPrimitive, [y, values, ...indices], { ...addressing, mode: how }),
      fits: () => (addressing.checked ? undefined : inRange(x.shape, addressing.addresses, indices)),
    };
    return [...rules[mode](places, g, x, updates, node), ...none(indices)];
  },
});

/** Reading and writing at the places of one scatter. */
interface Places {
  at(y: Tensor): Tensor;
  fold(mode: ScatterMode, y: Tensor, values: Tensor): Tensor;
  fits(): Tensor | undefined;
}

/** Gradients of x and the updates. */
type Rule = (places: Places, g: Tensor, x: Tensor, updates: Tensor, y: Tensor) => readonly [Tensor, Tensor];

/** Ties share the gradient evenly, as in PyTorch's scatter_reduce. */
const extreme: Rule = ({ at, fold }, g, x, updates, y) => {
  const same = (a: Tensor, b: Tensor): Tensor => a.equal(b).logicalOr(a.isNaN().logicalAnd(b.isNaN())).cast(g.dtype);
  const kept = same(x, y);
  const chosen = same(updates, at(y));
  const share = g.div(fold("add", kept, chosen));
  return [kept.mul(share), chosen.mul(at(share))];
};

const rules: Readonly<Record<ScatterMode, Rule>> = {
  add: ({ at }, g) => [g, at(g)],

  /** Of updates that meet at one place the last one is seen. */
  set: ({ at, fold, fits }, g, x, updates) => {
    const order = g.derive(positions, [], { shape: [sizeOf(updates.shape)], dtype: "int32" }).reshape(updates.shape);
    const last = fold("set", order.constant(-1).broadcastTo(x.shape), order);
    const seen = at(last).equal(order);
    const range = fits();
    const zero = g.constant(0);
    return [
      fold("set", g, zero.broadcastTo(updates.shape)),
      (range === undefined ? seen : seen.logicalAnd(range)).where(at(g), zero),
    ];
  },

  /** The product of the other factors at the place: exact where one of them is 0. */
  mul: ({ at, fold }, g, x, updates) => {
    const one = g.constant(1);
    const isZero = (v: Tensor): Tensor => v.equal(v.constant(0));
    const nonzero = (v: Tensor): Tensor => isZero(v).where(one, v);
    const zeros = fold("add", isZero(x).cast("int32"), isZero(updates).cast("int32"));
    const product = fold("mul", nonzero(x), nonzero(updates));
    const others = isZero(updates)
      .cast("int32")
      .equal(at(zeros))
      .where(at(product).div(nonzero(updates)), g.constant(0));
    return [g.mul(fold("mul", one.broadcastTo(x.shape), updates)), at(g).mul(others)];
  },

  max: extreme,
  min: extreme,
};
