import { computeType, type KernelInput, type ScanKernel, sizeOf } from "@gradloom/backend";
import { type CompiledKernel, type CompileOptions, type Phase, scratchSlot } from "../compiled.ts";
import type { Count } from "../scalar/memory.ts";
import { Scope } from "../scalar/scope.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import { asI32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { addPhase, unravel } from "./loops.ts";
import { Positions } from "./positions.ts";
import { runningOf } from "./running.ts";

/** Lines longer than this are cut into pieces where there are too few of them for several threads. */
const pieceLength = 16384;
const fewGroups = 8;
const unitSteps = 16384;

/** The dimension across which lanes lie: the last that is not the axis; -1 when there is none. */
const acrossOf = ({ shape, axis }: ScanKernel): number => {
  for (let d = shape.length - 1; d >= 0; d--) if (d !== axis && shape[d] !== 1) return d;
  return -1;
};

/**
 * Scan kernels. A unit is a range of groups of neighbouring lines, one per lane, each walked from end to end. Few long lines are
 * scanned in pieces: first the total of each piece, then what goes before each, then the scans.
 */
export const compileScan = (kernel: ScanKernel, options: CompileOptions): CompiledKernel => {
  const { shape, axis, exclusive, reverse } = kernel;
  const module = new ModuleBuilder(options);
  if (sizeOf(shape) === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };
  const input = kernel.inputs[0] as KernelInput;
  const running = runningOf(kernel.operation, computeType(input.dtype));
  const { lanes } = running;
  const across = acrossOf(kernel);
  const n = shape[axis] as number;
  const width = across < 0 ? 1 : (shape[across] as number);
  const groupShape = shape.map((size, d) => (d === axis ? 1 : d === across ? Math.ceil(size / lanes) : size));
  const groups = sizeOf(groupShape);
  const pieces = groups < fewGroups ? Math.ceil(n / pieceLength) : 1;
  const slots = running.start().length;

  interface Line {
    readonly s: Scope;
    readonly f: FunctionBuilder;
    readonly scratch: Local<"i32">;
    readonly at: readonly Local<"i32">[];
    readonly positions: Positions;
    readonly state: readonly Local<"v128">[];
  }

  /** Adds a phase over groups of lines (and pieces); `body` runs with the positions set, for full and for partly used vectors. */
  const add = (
    name: string,
    count: number,
    perUnit: number,
    body: (line: Line, group: Local<"i32">, piece: I32Like) => void,
  ): number => {
    addPhase(module, name, (f, args) => {
      const s = new Scope(module, f, lanes, options.relaxed);
      const at = shape.map(() => f.local("i32"));
      const positions = new Positions(
        s,
        { inputs: kernel.inputs, outputs: kernel.outputs, nodes: [] },
        {
          dimensions: at.map((local, d) => ({ level: d === axis ? 2 : 1, at: () => local })),
          vector: across,
        },
        args,
        { loads: new Set([0]) },
      );
      positions.enter(0);
      const scratch = f.i32(i32.load(args, scratchSlot(2)));
      const state = running.start().map((start) => s.variable(start));
      const line: Line = { s, f, scratch, at, positions, state };
      const index = f.local("i32");
      const run = (): void => {
        const [group, piece] = unravel(f, index, [groups, count / groups]) as [I32Like, I32Like];
        const groupIndex = f.i32(group);
        unravel(f, groupIndex, groupShape).forEach((position, d) => {
          if (d !== axis) f.set(at[d] as Local<"i32">, asI32(d === across ? times(position, lanes) : position));
        });
        positions.enter(1);
        running.start().forEach((start, k) => {
          f.set(state[k] as Local<"v128">, start);
        });
        const withCount = (lanesThere: Count): void => {
          positions.count = lanesThere;
          body(line, groupIndex, piece);
        };
        if (across < 0) withCount(1);
        else if (width % lanes === 0) withCount("all");
        else if (width < lanes) withCount(width);
        else {
          f.if(
            i32.leS(at[across] as Local<"i32">, width - lanes),
            () => withCount("all"),
            () => withCount(width % lanes),
          );
        }
      };
      return (unit) => {
        const from = f.i32(times(unit, perUnit));
        const to = f.i32(plus(from, perUnit));
        f.set(to, select(i32.ltS(to, count), to, i32.const(count)));
        f.loop(index, from, to, 1, run);
      };
    });
    return Math.ceil(count / perUnit);
  };

  /** Walks a piece of a line; `visit` gets the loaded lanes. */
  const walk = ({ f, at, positions, s }: Line, piece: I32Like, visit: (value: V128) => void): void => {
    const step = f.local("i32");
    const position = at[axis] as Local<"i32">;
    const from = pieces === 1 ? 0 : f.i32(times(piece, pieceLength));
    const end = pieces === 1 ? n : f.i32(plus(from, pieceLength));
    const to = typeof end === "number" ? end : f.i32(select(i32.ltS(end, n), end, i32.const(n)));
    f.loop(step, from, to, 1, () => {
      f.set(position, reverse ? i32.sub(n - 1, step) : step);
      positions.enter(2);
      visit(s.keep(positions.load(0)));
    });
  };

  const scanLine = (line: Line, piece: I32Like): void => {
    const { s, at, positions, state } = line;
    const position = at[axis] as Local<"i32">;
    walk(line, piece, (value) => {
      if (exclusive) positions.store(0, running.result(state));
      running.add(s, state, value, position);
      if (!exclusive) positions.store(0, running.result(state));
    });
  };

  const stateAddress = ({ f, scratch }: Line, group: I32Like, piece: I32Like): Local<"i32"> =>
    f.i32(plus(scratch, times(plus(times(group, pieces), piece), 16 * slots)));

  const cost = 2 * n * groups;
  if (pieces === 1) {
    const units = add("scan", groups, Math.max(1, Math.floor(unitSteps / n)), (line, _, piece) =>
      scanLine(line, piece),
    );
    return { code: module.toBytes(), phases: [{ name: "scan", units, cost }], scratchBytes: 0 };
  }
  const totals = add("totals", groups * pieces, 1, (line, group, piece) => {
    walk(line, piece, (value) => running.add(line.s, line.state, value, line.at[axis] as Local<"i32">));
    const address = stateAddress(line, group, piece);
    line.state.forEach((slot, k) => {
      line.f.store(address, slot, 16 * k);
    });
  });
  const before = add("before", groups, 1, (line, group) => {
    const { f, s, state } = line;
    const piece = f.local("i32");
    f.loop(piece, 0, pieces, 1, () => {
      const address = stateAddress(line, group, piece);
      const own = state.map((_, k) => s.keep(v128.load(address, 16 * k)));
      state.forEach((slot, k) => {
        f.store(address, slot, 16 * k);
      });
      running.merge(s, state, own);
    });
  });
  const scans = add("scan", groups * pieces, 1, (line, group, piece) => {
    const address = stateAddress(line, group, piece);
    line.state.forEach((slot, k) => {
      line.f.set(slot, v128.load(address, 16 * k));
    });
    scanLine(line, piece);
  });
  const phases: Phase[] = [
    { name: "totals", units: totals, cost: cost / 2 },
    { name: "before", units: before, cost: 4 * pieces * groups },
    { name: "scan", units: scans, cost },
  ];
  return { code: module.toBytes(), phases, scratchBytes: 16 * slots * groups * pieces };
};
