import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DType } from "@gradloom/backend";
import { dtypes, isFloat, isInteger } from "@gradloom/backend";
import type { Tensor } from "@gradloom/tensor";
import { explain, tensor, useDevice } from "@gradloom/tensor";
import ts from "typescript";
import type { OpRow, Sample } from "../packages/tensor/test/support/row.ts";
import { root } from "./workspace.ts";

/** Titles of tables of rows, in the order of the page; other tables follow under their own names. */
const titles: ReadonlyMap<string, string> = new Map([
  ["creation", "Creation and types"],
  ["random", "Random numbers"],
  ["arithmetic", "Arithmetic and comparison"],
  ["logical", "Logic, bits and selection"],
  ["rounding", "Rounding, division and bounds"],
  ["mathematics", "Exponentials and powers"],
  ["special", "Trigonometric and special functions"],
  ["activations", "Activations"],
  ["softmax", "Softmax"],
  ["reductions", "Reductions"],
  ["statistics", "Statistics and norms"],
  ["movement", "Views"],
  ["reshaping", "Shape"],
  ["joining", "Joining and repeating"],
  ["gathering", "Reading by index"],
  ["scattering", "Writing by index"],
  ["searching", "Searching"],
  ["sorting", "Sorting and scans"],
  ["products", "Products"],
  ["solving", "Linear systems"],
  ["decompositions", "Decompositions"],
  ["convolution", "Convolution"],
  ["pooling", "Pooling"],
  ["adaptivePooling", "Adaptive pooling"],
  ["resizing", "Resizing"],
  ["attention", "Attention"],
]);

/** All tables in the order of the page. */
const tables = (): string[] => {
  const all = readdirSync(join(root, "packages/tensor/test/rows"))
    .map((file) => file.replace(".ts", ""))
    .filter((name) => name !== "index" && !titles.has(name));
  return [...titles.keys(), ...all.sort()];
};

/** What the source says about an exported function. */
interface Definition {
  readonly signature: string;
  readonly summary: string;
}

const anyDType = dtypes.map((dtype) => `"${dtype}"`).join(" | ");

/** A signature without what repeats on every line. */
const readable = (signature: string): string =>
  signature
    .replaceAll("Tensor<unknown>", "Tensor")
    .replaceAll(anyDType, "DType")
    .replaceAll("readonly ", "")
    .replace(/(\w+\?: [^,(){}]+?) \| undefined(?=[,);])/g, "$1")
    .replaceAll("; }", " }")
    .replace(/\{ [^{}:]* \}\?:/g, "options?:");

/** Signatures and first sentences of the tensor package's exports, as the compiler sees them. */
const definitions = (): ReadonlyMap<string, Definition> => {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const index = join(root, "packages/tensor/src/index.ts");
  const program = ts.createProgram([index], { ...options, incremental: false });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(index) as ts.SourceFile;
  const found = new Map<string, Definition>();
  const format = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined) continue;
    const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
    if (signature === undefined) continue;
    const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, " ");
    found.set(exported.name, {
      signature: exported.name + readable(checker.signatureToString(signature, undefined, format)),
      summary: /^.*?(?<!\.)[.;](?=\s|$)/.exec(text)?.[0].replace(/;$/, ".") ?? text,
    });
  }
  return found;
};

const classes: readonly (readonly [name: string, holds: (dtype: DType) => boolean])[] = [
  ["float", isFloat],
  ["int", isInteger],
  ["bool", (dtype) => dtype === "bool"],
];

/** "float; int, bool → float32": which element types go in, and what comes out where that is another. */
const typesOf = ({ dtypes: rule }: OpRow): string => {
  if (rule === undefined) return "";
  const inputs = new Map<string, string[]>();
  const add = (name: string, result: string): void => {
    inputs.set(result, [...(inputs.get(result) ?? []), name]);
  };
  for (const [name, holds] of classes) {
    const members = dtypes.filter(holds);
    const results = members.map((dtype) => rule(dtype));
    if (results.every((result, i) => result === members[i])) add(name, "");
    else if (results.every((result) => result === results[0])) {
      if (results[0] !== undefined) add(name, results[0]);
    } else {
      members.forEach((dtype, i) => {
        const result = results[i];
        if (result !== undefined) add(dtype, result === dtype ? "" : result);
      });
    }
  }
  const part = ([result, names]: [string, string[]]): string =>
    result === "" ? names.join(", ") : `${names.join(", ")} → ${result}`;
  return [...inputs].map(part).join("; ");
};

const resultsOf = async (sample: Sample): Promise<readonly Tensor[]> => {
  const inputs = sample.inputs.map(({ shape, data, dtype }) =>
    tensor(data as number[], { shape, dtype: dtype ?? sample.only?.[0] ?? "float32" }),
  );
  const results = await sample.call(...inputs);
  return Array.isArray(results) ? results : [results as Tensor];
};

/** The kernels that the first sample with elements becomes; "view" where nothing is calculated. */
const kernelsOf = async ({ samples }: OpRow): Promise<string> => {
  for (const sample of samples) {
    const results = await resultsOf(sample);
    if (results.length === 0 || results.some(({ size }) => size === 0)) continue;
    const { kernels } = explain(...results);
    const calculating = kernels.filter(({ operations }) => operations.some((name) => name !== "copy"));
    if (calculating.length === 0) return "view";
    return [...new Set(calculating.map(({ kind }) => kind))].join(", ");
  }
  return "";
};

const code = (text: string | undefined): string => (text === undefined ? "" : `\`${text.replaceAll("|", "\\|")}\``);

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const tableOf = async (rows: Readonly<Record<string, OpRow>>, known: ReadonlyMap<string, Definition>) => {
  const lines = [
    line(["operation", "what it does", "element types", "gradient", "kernels", "PyTorch", "NumPy", "TensorFlow.js"]),
    line(new Array<string>(8).fill("---")),
  ];
  for (const name of Object.keys(rows).sort()) {
    const row = rows[name] as OpRow;
    const { signature, summary } = known.get(name) as Definition;
    const { torch, numpy, tfjs } = row.names;
    const facts = [typesOf(row), row.gradient ? "yes" : "no", await kernelsOf(row)];
    lines.push(line([code(signature), summary.replaceAll("|", "\\|"), ...facts, ...[torch, numpy, tfjs].map(code)]));
  }
  return lines.join("\n");
};

const introduction = `# Operations

Every operation of \`@gradloom/tensor\`. This page is generated from the definitions and their test rows by \`npm run docs\`.

- **Element types**: what goes in, and after the arrow what comes out where that is another type. "float" stands for float32, float16,
  bfloat16 and float64, "int" for int32, uint32, int8 and uint8.
- **Gradient**: whether the operation has a derivative; where it is 0 everywhere (rounding) it counts as one.
- **Kernels**: what the operation becomes by itself. Elementwise work and views fuse with what comes before and after; a view
  calculates nothing.
- The last columns name the same operation elsewhere (in PyTorch below \`torch\`, in NumPy below \`numpy\`, in TensorFlow.js below
  \`tf\`).
`;

/** The text of docs/ops.md. */
export const opsPage = async (): Promise<string> => {
  await useDevice("reference");
  const known = definitions();
  const sections: string[] = [introduction];
  for (const table of tables()) {
    const module: Record<string, unknown> = await import(`../packages/tensor/test/rows/${table}.ts`);
    const title = titles.get(table) ?? table.charAt(0).toUpperCase() + table.slice(1);
    sections.push(
      `## ${title}\n\n${await tableOf(Object.values(module)[0] as Readonly<Record<string, OpRow>>, known)}\n`,
    );
  }
  return sections.join("\n");
};

if (process.argv[1]?.endsWith("ops-page.ts")) {
  opsPage().then((text) => writeFileSync(join(root, "docs/ops.md"), text));
}
