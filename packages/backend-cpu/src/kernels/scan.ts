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
/** Vectors that are scanned side by side, so that whole cache lines are used. */
const mostCopies = 8;

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
  const slots = running.start().length;
  const beside = across >= 0 && Math.abs(input.view.strides[across] as number) === 1;
  const copies = beside ? Math.max(1, Math.min(Math.floor(mostCopies / slots), Math.ceil(width / lanes))) : 1;
  const step = lanes * copies;
  const groupShape = shape.map((size, d) => (d === axis ? 1 : d === across ? Math.ceil(size / step) : size));
  const groups = sizeOf(groupShape);
  const pieces = groups < fewGroups ? Math.ceil(n / pieceLength) : 1;

  interface Line {
    readonly s: Scope;
    readonly f: FunctionBuilder;
    readonly scratch: Local<"i32">;
    readonly at: readonly Local<"i32">[];
    readonly positions: Positions;
    /** One for each vector. */
    readonly states: readonly (readonly Local<"v128">[])[];
    /** Lanes that are there in each vector. */
    counts: readonly Count[];
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
      const states = Array.from({ length: copies }, () => running.start().map((start) => s.variable(start)));
      const line: Line = { s, f, scratch, at, positions, states, counts: [] };
      const index = f.local("i32");
      const run = (): void => {
        const [group, piece] = unravel(f, index, [groups, count / groups]) as [I32Like, I32Like];
        const groupIndex = f.i32(group);
        unravel(f, groupIndex, groupShape).forEach((position, d) => {
          if (d !== axis) f.set(at[d] as Local<"i32">, asI32(d === across ? times(position, step) : position));
        });
        positions.enter(1);
        for (const state of states) {
          running.start().forEach((start, k) => {
            f.set(state[k] as Local<"v128">, start);
          });
        }
        const withLanes = (there: number): void => {
          line.counts = Array.from({ length: Math.ceil(there / lanes) }, (_, copy) =>
            there - copy * lanes >= lanes ? "all" : there - copy * lanes,
          );
          body(line, groupIndex, piece);
        };
        if (across < 0) withLanes(1);
        else if (width % step === 0) withLanes(step);
        else if (width < step) withLanes(width);
        else {
          f.if(
            i32.leS(at[across] as Local<"i32">, width - step),
            () => withLanes(step),
            () => withLanes(width % step),
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

  /** Runs `visit` for each vector with its position set. */
  const eachVector = (line: Line, visit: (copy: number) => void): void => {
    line.counts.forEach((count, copy) => {
      line.positions.count = count;
      line.positions.ahead = copy * lanes;
      visit(copy);
    });
  };

  /** Walks a piece of lines; `visit` gets the loaded lanes of each vector. */
  const walk = (line: Line, piece: I32Like, visit: (value: V128, copy: number) => void): void => {
    const { f, at, positions, s } = line;
    const index = f.local("i32");
    const position = at[axis] as Local<"i32">;
    const from = pieces === 1 ? 0 : f.i32(times(piece, pieceLength));
    const end = pieces === 1 ? n : f.i32(plus(from, pieceLength));
    const to = typeof end === "number" ? end : f.i32(select(i32.ltS(end, n), end, i32.const(n)));
    f.loop(index, from, to, 1, () => {
      f.set(position, reverse ? i32.sub(n - 1, index) : index);
      positions.enter(2);
      eachVector(line, (copy) => visit(s.keep(positions.load(0)), copy));
    });
  };

  const scanLine = (line: Line, piece: I32Like): void => {
    const { s, at, positions, states } = line;
    const position = at[axis] as Local<"i32">;
    walk(line, piece, (value, copy) => {
      const state = states[copy] as readonly Local<"v128">[];
      if (exclusive) positions.store(0, running.result(state));
      running.add(s, state, value, position);
      if (!exclusive) positions.store(0, running.result(state));
    });
  };

  const stateBytes = 16 * slots * copies;
  const stateAddress = ({ f, scratch }: Line, group: I32Like, piece: I32Like): Local<"i32"> =>
    f.i32(plus(scratch, times(plus(times(group, pieces), piece), stateBytes)));

  /** Runs `body` for each vector of state that is there and its place in memory. */
  const eachState = (line: Line, body: (state: readonly Local<"v128">[], offset: number) => void): void => {
    line.counts.forEach((_, copy) => {
      body(line.states[copy] as readonly Local<"v128">[], 16 * slots * copy);
    });
  };

  const cost = 2 * n * groups * copies;
  if (pieces === 1) {
    const units = add("scan", groups, Math.max(1, Math.floor(unitSteps / (n * copies))), (line, _, piece) =>
      scanLine(line, piece),
    );
    return { code: module.toBytes(), phases: [{ name: "scan", units, cost }], scratchBytes: 0 };
  }
  const totals = add("totals", groups * pieces, 1, (line, group, piece) => {
    walk(line, piece, (value, copy) => {
      running.add(line.s, line.states[copy] as readonly Local<"v128">[], value, line.at[axis] as Local<"i32">);
    });
    const address = stateAddress(line, group, piece);
    eachState(line, (state, offset) => {
      state.forEach((slot, k) => {
        line.f.store(address, slot, offset + 16 * k);
      });
    });
  });
  const before = add("before", groups, 1, (line, group) => {
    const { f, s } = line;
    const piece = f.local("i32");
    f.loop(piece, 0, pieces, 1, () => {
      const address = stateAddress(line, group, piece);
      eachState(line, (state, offset) => {
        const own = state.map((_, k) => s.keep(v128.load(address, offset + 16 * k)));
        state.forEach((slot, k) => {
          f.store(address, slot, offset + 16 * k);
        });
        running.merge(s, state, own);
      });
    });
  });
  const scans = add("scan", groups * pieces, 1, (line, group, piece) => {
    const address = stateAddress(line, group, piece);
    eachState(line, (state, offset) => {
      state.forEach((slot, k) => {
        line.f.set(slot, v128.load(address, offset + 16 * k));
      });
    });
    scanLine(line, piece);
  });
  const phases: Phase[] = [
    { name: "totals", units: totals, cost: cost / 2 },
    { name: "before", units: before, cost: 4 * pieces * groups },
    { name: "scan", units: scans, cost },
  ];
  return { code: module.toBytes(), phases, scratchBytes: stateBytes * groups * pieces };
};
