import type { DType, Kernel, Shape, View } from "@gradloom/backend";
import { byteSize, contiguousView, isContiguous, kernelKey, sizeOf } from "@gradloom/backend";
import type { Lowering, Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import type { Collected, Leaf } from "./collect.ts";
import { primitiveId } from "./collect.ts";

/** One step of looking at a value: a view primitive and the shape it leads to. */
export interface Move {
  readonly apply: (view: View) => View | undefined;
}

/** How an operand is reached: a node that is no view, and the moves from its shape to the operand's. */
export interface Reach {
  readonly base: number;
  readonly moves: readonly Move[];
}

/** A value while a schedule is made. */
export interface Value {
  readonly id: number;
  readonly primitive: Primitive;
  readonly lower: Lowering<unknown>;
  readonly attributes: unknown;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly size: number;
  readonly leaf: Leaf;
  /** The collected node that a leaf stands for. */
  readonly local: number;
  readonly tensor: Tensor;
  readonly operands: readonly Reach[];
}

export const bytesOf = ({ size, dtype }: Value): number => size * byteSize(dtype);

/** The graph to schedule: no views (they are moves on operands), equal values once, copies where a view needs one. */
export interface Network {
  readonly values: readonly Value[];
  /** The value of each root, in the order of the roots; all different, none a leaf. */
  readonly roots: readonly number[];
}

/** The same elements in row-major order in memory of their own. */
export const copyPrimitive = definePrimitive<undefined>({
  name: "copy",
  infer: ([x]) => x as Tensor,
  lower: { kind: "map", expression: (_, [x]) => x as number },
  gradient: (_, g) => [g],
});

/** Applies moves to a view; undefined where only a copy can do it. */
export const applyMoves = (view: View | undefined, moves: readonly Move[]): View | undefined => {
  for (let i = 0; i < moves.length && view !== undefined; i++) view = (moves[i] as Move).apply(view);
  return view;
};

export const buildNetwork = ({ nodes, leaves, roots }: Collected): Network => {
  const values: Value[] = [];
  const reaches: Reach[] = [];
  const known = new Map<string, number>();
  const moveIds = new Map<Move, number>();

  const describe = ({ base, moves }: Reach): string => `${base}/${moves.map((m) => moveIds.get(m)).join(".")}`;

  const make = (
    primitive: Primitive,
    tensor: Tensor,
    shape: Shape,
    operands: readonly Reach[],
    leaf: Leaf,
    local: number,
    merge: boolean,
  ): number => {
    const attributes = primitive === copyPrimitive ? undefined : tensor.attributes;
    const key = merge
      ? `${primitiveId(primitive)} ${tensor.dtype} ${shape.join(",")} ${operands.map(describe).join(" ")} ${kernelKey((attributes ?? null) as Kernel)}`
      : "";
    const same = merge ? known.get(key) : undefined;
    if (same !== undefined) return same;
    const id = values.length;
    values.push({
      id,
      primitive,
      lower: primitive.lower,
      attributes,
      shape,
      dtype: tensor.dtype,
      size: sizeOf(shape),
      leaf,
      local,
      tensor,
      operands,
    });
    if (merge) known.set(key, id);
    return id;
  };

  /** Equal moves are one object, so that equal operands are recognised. */
  const moves = new Map<string, Move>();
  const moveOf = (t: Tensor, lower: Extract<Lowering<unknown>, { kind: "view" }>): Move => {
    const { attributes, shape } = t;
    const key = `${primitiveId(t.primitive)} ${shape.join(",")} ${kernelKey((attributes ?? null) as Kernel)}`;
    let move = moves.get(key);
    if (move === undefined) {
      move = { apply: (view) => lower.apply(view, attributes, shape) };
      moves.set(key, move);
      moveIds.set(move, moves.size);
    }
    return move;
  };

  for (let i = 0; i < nodes.length; i++) {
    const t = nodes[i] as Tensor;
    const leaf = leaves[i];
    const primitive = t.primitive as Primitive;
    if (leaf !== undefined) {
      const merge = leaf === "constant" || leaf === "positions";
      reaches.push({ base: make(primitive, t, t.shape, [], leaf, i, merge), moves: [] });
      continue;
    }
    const inputs = t.inputs.map((input) => reaches[input.local] as Reach);
    const { lower } = primitive;
    if (lower.kind === "kernel") {
      // Such kernels read memory: what is not stored, or not in a form that they take, is copied first.
      inputs.forEach((reach, k) => {
        const base = values[reach.base] as Value;
        const view = applyMoves(contiguousView(base.shape), reach.moves) as View;
        const inMemory = base.leaf !== "constant" && base.leaf !== "scalar" && base.leaf !== "positions";
        if (inMemory && view.valid === undefined && (lower.contiguous !== true || isContiguous(view))) return;
        const input = t.inputs[k] as Tensor;
        inputs[k] = {
          base: make(copyPrimitive as Primitive, input, input.shape, [reach], undefined, i, true),
          moves: [],
        };
      });
    }
    if (lower.kind !== "view") {
      reaches.push({ base: make(primitive, t, t.shape, inputs, undefined, i, primitive.distinct !== true), moves: [] });
      continue;
    }
    const from = inputs[0] as Reach;
    const move = moveOf(t, lower);
    const extended = { base: from.base, moves: [...from.moves, move] };
    const base = values[from.base] as Value;
    if (applyMoves(contiguousView(base.shape), extended.moves) !== undefined) reaches.push(extended);
    else {
      const input = t.inputs[0] as Tensor;
      const copy = make(copyPrimitive as Primitive, input, input.shape, [from], undefined, i, true);
      reaches.push({ base: copy, moves: [move] });
    }
  }

  const taken = new Set<number>();
  const rootValues = roots.map(({ tensor }) => {
    const reach = reaches[tensor.local] as Reach;
    const base = values[reach.base] as Value;
    let id = reach.base;
    if (base.leaf !== undefined || reach.moves.length > 0) {
      id = make(copyPrimitive as Primitive, tensor, tensor.shape, [reach], undefined, tensor.local, true);
    }
    if (taken.has(id)) {
      id = make(
        copyPrimitive as Primitive,
        tensor,
        tensor.shape,
        [{ base: id, moves: [] }],
        undefined,
        tensor.local,
        false,
      );
    }
    taken.add(id);
    return id;
  });
  return withoutUnused(values, rootValues);
};

/** Only what the roots need, numbered anew. */
const withoutUnused = (values: readonly Value[], roots: readonly number[]): Network => {
  const needed = new Array<boolean>(values.length).fill(false);
  for (const id of roots) needed[id] = true;
  for (let id = values.length - 1; id >= 0; id--) {
    if (needed[id]) for (const { base } of (values[id] as Value).operands) needed[base] = true;
  }
  const ids = new Map<number, number>();
  const kept = values.filter(({ id }) => needed[id]);
  kept.forEach(({ id }, i) => {
    ids.set(id, i);
  });
  const at = (id: number): number => ids.get(id) as number;
  return {
    values: kept.map((value) => ({
      ...value,
      id: at(value.id),
      operands: value.operands.map(({ base, moves }) => ({ base: at(base), moves })),
    })),
    roots: roots.map(at),
  };
};
