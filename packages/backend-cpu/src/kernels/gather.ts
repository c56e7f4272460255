import {
  byteSize,
  computeType,
  type GatherKernel,
  isFloat,
  isMasked,
  type KernelInput,
  type View,
} from "@gradloom/backend";
import { bufferSlot, type CompiledKernel, type CompileOptions } from "../compiled.ts";
import { float32Lanes, float64Lanes } from "../scalar/floatLanes.ts";
import { loadLanes, loadLanesAt } from "../scalar/memory.ts";
import { i32 } from "../wasm/numeric.ts";
import { i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { both, iota, plus, splat, times } from "./arithmetic.ts";
import { placeOf, placesOf } from "./coordinates.ts";
import { type Accumulator, compileElementwise, innerLevel, type Surroundings } from "./elementwise.ts";

const withRank1 = (kernel: GatherKernel): GatherKernel => {
  if (kernel.shape.length > 0) return kernel;
  const widen = (view: View): View => ({ shape: [1], strides: [0], offset: view.offset, valid: undefined });
  return {
    ...kernel,
    shape: [1],
    inputs: kernel.inputs.map((input, i) => (i === 0 ? input : { ...input, view: widen(input.view) })),
    nodes: kernel.nodes.map((node) => (node.op === "index" ? { ...node, view: widen(node.view) } : node)),
    outputs: kernel.outputs.map((output) => ({ ...output, strides: [1] })),
  };
};

/** What is read out of range. */
const outside = (kernel: GatherKernel): V128 => {
  const { dtype } = kernel.inputs[0] as KernelInput;
  if (!isFloat(dtype)) return splat(0);
  return (computeType(dtype) === "float64" ? float64Lanes : float32Lanes).const(Number.NaN);
};

const varies = (view: View, d: number): boolean => isMasked(view, d) || (view.shape[d] !== 1 && view.strides[d] !== 0);

/** The source dimension that lanes run along, -1 when they are all at one place, undefined when each must be found alone. */
const lanesAlong = ({ shape, coordinates, inputs }: GatherKernel): number | undefined => {
  const last = shape.length - 1;
  const source = (inputs[0] as KernelInput).view;
  let along = -1;
  for (const [d, coordinate] of coordinates.entries()) {
    if ("input" in coordinate) {
      if (varies((inputs[coordinate.input] as KernelInput).view, last)) return undefined;
    } else if (coordinate.dim === last && shape[last] !== 1) {
      const whole = (shape[last] as number) <= (source.shape[d] as number) && !isMasked(source, d);
      if (along >= 0 || !whole) return undefined;
      along = d;
    }
  }
  return along;
};

/** A row of the source at a time: its place is found once, and the vectors run along it. */
const rowByRow = (kernel: GatherKernel, along: number, { s, f, args, at, positions }: Surroundings): Accumulator => {
  const { dtype, view } = kernel.inputs[0] as KernelInput;
  const bytes = byteSize(dtype);
  const base = f.i32(i32.load(args, bufferSlot(0)));
  const pointer = f.local("i32");
  const present = f.local("i32");
  const fill = f.local("v128");
  const stride = along < 0 ? 0 : (view.strides[along] as number);
  let conditional = false;
  return {
    level: innerLevel,
    enterRow: () => {
      positions.count = 1;
      positions.ahead = 0;
      const { offset, inRange, exists } = placeOf(
        f,
        view,
        kernel.coordinates,
        (d) => kernel.shape[d] as number,
        {
          position: (d) => at[d] as Local<"i32">,
          index: (input) => i32x4.extractLane(positions.load(input), 0),
        },
        along,
      );
      f.set(pointer, asI32(plus(base, times(offset, bytes))));
      conditional = inRange !== undefined || exists !== undefined;
      if (!conditional) return;
      const known = inRange === undefined ? undefined : f.i32(inRange);
      f.set(present, exists === undefined ? (known as I32) : both(known, exists));
      f.set(fill, splat(0));
      if (known !== undefined) f.if(i32.eqz(known), () => f.set(fill, outside(kernel)));
    },
    value: () => {
      const step = stride * bytes;
      const address = (): I32 => asI32(plus(pointer, times(at[at.length - 1] as I32Like, step)));
      const lanes = (): V128 =>
        loadLanes(s, dtype, { address, offset: positions.ahead * step, stride }, positions.count);
      if (!conditional) return lanes();
      const result = s.variable(fill);
      f.if(present, () => f.set(result, lanes()));
      return result;
    },
  };
};

/** Every lane from a place of its own. */
const laneByLane = (kernel: GatherKernel, { s, f, args, at, positions }: Surroundings): Accumulator => {
  const { dtype, view } = kernel.inputs[0] as KernelInput;
  const base = f.i32(i32.load(args, bufferSlot(0)));
  const last = at.length - 1;
  const wide = (mask: V128): V128 => (computeType(dtype) === "float64" ? float64Lanes.fromBool(mask) : mask);
  return {
    level: innerLevel,
    value: () => {
      const position = (d: number): V128 => {
        if (d !== last) return i32x4.splat(at[d] as I32);
        return i32x4.add(i32x4.splat(asI32(plus(at[last] as I32Like, positions.ahead))), iota(1));
      };
      const { offsets, inRange, exists } = placesOf(
        (value) => s.keep(value),
        view,
        kernel.coordinates,
        (d) => kernel.shape[d] as number,
        position,
        (input) => positions.load(input),
      );
      // Lanes without a place read the first element of the buffer.
      const safe = s.keep(v128.and(offsets, v128.and(inRange, exists)));
      const bytes = byteSize(dtype);
      const address = (lane: number): I32 => asI32(plus(base, times(i32x4.extractLane(safe, lane), bytes)));
      const loaded = loadLanesAt(s, dtype, address, positions.count);
      const present = v128.and(loaded, wide(exists));
      return v128.bitselect(present, outside(kernel), wide(inRange));
    },
  };
};

/** Gather kernels: elementwise over the result, with an accumulator that looks elements up. */
export const compileGather = (given: GatherKernel, options: CompileOptions): CompiledKernel => {
  const kernel = withRank1(given);
  const along = lanesAlong(kernel);
  return compileElementwise(kernel, {
    ...options,
    name: "gather",
    accumulator: (around) => (along === undefined ? laneByLane(kernel, around) : rowByRow(kernel, along, around)),
    loads: kernel.coordinates.flatMap((coordinate) => ("input" in coordinate ? [coordinate.input] : [])),
    accumulatorCost: along === undefined ? 3 : 0.5,
  });
};
