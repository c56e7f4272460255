import type { Shape, Variable } from "@gradloom/tensor";
import { currentDevice, formatShape, Tensor, zeros } from "@gradloom/tensor";
import type { AnyModule } from "./module.ts";
import { walk } from "./walk.ts";

/** One layer of a model. */
export interface SummaryRow {
  /** Its place in the model; "" for the model itself. */
  readonly name: string;
  readonly kind: string;
  /** Of its first call; undefined when it was not called or does not give a tensor. */
  readonly outputShape: Shape | undefined;
  /** Elements of its own parameters, without those of the modules in it. */
  readonly parameters: number;
}

/** What a model consists of. */
export interface Summary {
  readonly rows: readonly SummaryRow[];
  /** Elements of all parameters. */
  readonly parameters: number;
  /** Elements of all buffers. */
  readonly buffers: number;
  toString(): string;
}

const elements = (variables: Iterable<Variable>): number => {
  let count = 0;
  for (const { shape } of variables) count += shape.reduce((n, m) => n * m, 1);
  return count;
};

/** The innermost module around a variable. */
const ownerOf = (name: string, modules: ReadonlyMap<string, AnyModule>): string => {
  let owner = name;
  do owner = owner.slice(0, Math.max(0, owner.lastIndexOf(".")));
  while (!modules.has(owner));
  return owner;
};

/** Rows of cells as lines with aligned columns, numbers to the right. */
const table = (cells: readonly (readonly string[])[]): string[] => {
  const widths = (cells[0] as readonly string[]).map((_, c) =>
    Math.max(...cells.map((row) => (row[c] as string).length)),
  );
  return cells.map((row) =>
    row
      .map((cell, c) => (c === row.length - 1 ? cell.padStart(widths[c] as number) : cell.padEnd(widths[c] as number)))
      .join("  "),
  );
};

const number = (n: number): string => n.toLocaleString("en-US");

/** Builds the graph of one call in evaluation mode, and throws it away. */
export const summarize = (model: AnyModule, inputs: readonly (Shape | Tensor)[]): Summary => {
  const { modules, parameters, buffers } = walk(model);
  const device = parameters.values().next().value?.device ?? currentDevice();
  const shapes = new Map<AnyModule, Shape>();
  const undo = [...modules.values()].map((module) => {
    const { training } = module;
    const remove = module.registerForwardHook((_, __, output) => {
      if (output instanceof Tensor && !shapes.has(module)) shapes.set(module, output.shape);
      return undefined;
    });
    module.training = false;
    return () => {
      module.training = training;
      remove();
    };
  });
  try {
    model.call(...(inputs.map((input) => (input instanceof Tensor ? input : zeros(input, { device }))) as never[]));
  } finally {
    for (const restore of undo) restore();
  }
  const own = new Map<string, number>();
  for (const [name, variable] of parameters) {
    const owner = ownerOf(name, modules);
    own.set(owner, (own.get(owner) ?? 0) + elements([variable]));
  }
  const rows = [...modules].map(
    ([name, module]): SummaryRow => ({
      name,
      kind: module.constructor.name,
      outputShape: shapes.get(module),
      parameters: own.get(name) ?? 0,
    }),
  );
  const totals = { parameters: elements(parameters.values()), buffers: elements(buffers.values()) };
  const lines = table([
    ["Layer", "Kind", "Output", "Parameters"],
    ...rows.map((row) => [
      row.name === "" ? "(model)" : row.name,
      row.kind,
      row.outputShape === undefined ? "-" : formatShape(row.outputShape),
      number(row.parameters),
    ]),
  ]);
  const rule = "-".repeat((lines[0] as string).length);
  const text = [
    lines[0],
    rule,
    ...lines.slice(1),
    rule,
    `${number(totals.parameters)} parameters, ${number(totals.buffers)} elements in buffers`,
  ].join("\n");
  return { rows, ...totals, toString: () => text };
};
