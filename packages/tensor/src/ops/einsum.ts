import { formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import type { Labelled } from "./contraction.ts";
import { contract, sumOut } from "./contraction.ts";
import { diagonal } from "./movement.ts";
import { promoteTypes } from "./promotion.ts";

const refuse = (problem: string, subscripts: string, operands: readonly Tensor[]): never => {
  throw new ShapeError(
    "einsum",
    `${problem}, got "${subscripts}" and ${operands.map((x) => formatShape(x.shape)).join(", ") || "no tensors"}`,
  );
};

/** The letters of a term; "..." becomes one label per dimension that it stands for, counted from the last. */
const labelsOf = (term: string, ellipsis: number): string[] => {
  const [before, after] = term.split("...") as [string, string | undefined];
  const dots = after === undefined ? [] : Array.from({ length: ellipsis }, (_, i) => `.${ellipsis - i}`);
  return [...before, ...dots, ...(after ?? "")];
};

interface Parsed {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const validTerm = /^[a-zA-Z]*(\.\.\.)?[a-zA-Z]*$/;

const parse = (subscripts: string, operands: readonly Tensor[]): Parsed => {
  const fail = (problem: string): never => refuse(problem, subscripts, operands);
  const [left, right, ...more] = subscripts.replace(/\s/g, "").split("->") as [string, string | undefined];
  const terms = left.split(",");
  if (more.length > 0) fail('needs one "->" at most');
  if (terms.length !== operands.length) fail(`${terms.length} terms do not fit ${operands.length} tensors`);
  for (const term of [...terms, right ?? ""]) {
    if (!validTerm.test(term)) fail(`"${term}" is not made of letters and one "..."`);
  }
  let dots = 0;
  const inputs = terms.map((term, k) => {
    const { rank } = operands[k] as Tensor;
    const letters = term.replace("...", "").length;
    const rest = term.includes("...") ? rank - letters : 0;
    if (rest < 0 || letters + rest !== rank) fail(`"${term}" does not name the ${rank} dimensions of tensor ${k}`);
    dots = Math.max(dots, rest);
    return labelsOf(term, rest);
  });
  const all = inputs.flat();
  if (right === undefined) {
    const once = [...new Set(all)].filter(
      (label) => label.length === 1 && all.indexOf(label) === all.lastIndexOf(label),
    );
    return { inputs, output: [...labelsOf("...", dots), ...once.sort((a, b) => (a < b ? -1 : 1))] };
  }
  const output = labelsOf(right, dots);
  if (new Set(output).size !== output.length) fail("the result names a dimension twice");
  for (const label of output) if (!all.includes(label)) fail(`no tensor has the dimension "${label}" of the result`);
  return { inputs, output };
};

/** Takes the diagonal where a tensor names a dimension twice. */
const withoutRepeats = (x: Tensor, labels: readonly string[], fail: (problem: string) => never): Labelled => {
  const again = labels.findIndex((label, d) => labels.indexOf(label) < d);
  if (again < 0) return { tensor: x, labels };
  const label = labels[again] as string;
  const first = labels.indexOf(label);
  if (x.shape[first] !== x.shape[again]) fail(`dimension "${label}" has sizes ${x.shape[first]} and ${x.shape[again]}`);
  const rest = labels.filter((_, d) => d !== first && d !== again);
  return withoutRepeats(diagonal(x, 0, first, again), [...rest, label], fail);
};

/**
 * Sums of products after Einstein: letters name dimensions, equal letters run together, letters that the result does not name are summed.
 * `"..."` stands for further dimensions, which broadcast; without `->` the result has the letters that occur once, in alphabetical order.
 * A letter twice in one term takes the diagonal. Pairs are contracted by matrix products, the smallest result first.
 *
 * @throws ShapeError when the terms do not fit the tensors.
 * @example einsum("bij,bjk->bik", a, b) // batched matmul
 * @example einsum("ii", a) // trace
 */
export const einsum = (subscripts: string, ...operands: readonly Tensor[]): Tensor => {
  const fail = (problem: string): never => refuse(problem, subscripts, operands);
  const { inputs, output } = parse(subscripts, operands);
  let dtype = (operands[0] as Tensor).dtype;
  for (const x of operands) dtype = promoteTypes(dtype, x.dtype);
  if (dtype === "bool" || dtype === "int8" || dtype === "uint8") dtype = "int32";

  const sizes = new Map<string, number>();
  const terms = operands.map((x, k) => withoutRepeats(x.cast(dtype), inputs[k] as readonly string[], fail));
  for (const { tensor, labels } of terms) {
    labels.forEach((label, d) => {
      const n = tensor.shape[d] as number;
      const known = sizes.get(label) ?? 1;
      if (known !== n && known !== 1 && n !== 1) fail(`dimension "${label}" has sizes ${known} and ${n}`);
      if (known === 1) sizes.set(label, n);
    });
  }
  // A dimension of size 1 that is longer elsewhere repeats: the product does not depend on it.
  const list = terms.map(({ tensor, labels }): Labelled => {
    const kept = labels.filter((label, d) => tensor.shape[d] === sizes.get(label));
    return { tensor: tensor.reshape(kept.map((label) => sizes.get(label) as number)), labels: kept };
  });
  const { tensor, labels } = sumOut(contract(list, output, sizes), new Set(output));
  return tensor.permute(output.map((label) => labels.indexOf(label)));
};
