import type { ComputeType } from "@gradloom/backend";
import type { Dialect, ElementType, Module, Use } from "../dialect.ts";
import { type LibraryName, loadFunctions, withNeeds } from "./functions.ts";
import { binaryText, comparisonText, convertText, narrowText, unaryText } from "./scalarOps.ts";

const types: Readonly<Record<ElementType, string>> = {
  float32: "f32",
  float64: "f64",
  float16: "f16",
  int32: "i32",
  uint32: "u32",
  bool: "bool",
  "vec2<uint32>": "vec2<u32>",
  "vec4<float32>": "vec4<f32>",
  "vec4<float16>": "vec4<f16>",
  "vec4<int32>": "vec4<i32>",
  "vec4<uint32>": "vec4<u32>",
  "atomic<uint32>": "atomic<u32>",
  "atomic<int32>": "atomic<i32>",
};

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** WGSL refuses infinities and NaN in constants, and loses the sign of -0: these are made from their bits at run time. */
const floatLiteral = (value: number, use: Use): string => {
  float[0] = value;
  const rounded = float[0] as number;
  if (!Number.isFinite(rounded) || Object.is(rounded, -0)) {
    use("fromBits");
    return `fromBits(${word[0]}u)`;
  }
  return `${/[.e]/.test(`${rounded}`) ? rounded : `${rounded}.0`}f`;
};

const literal = (type: ComputeType, value: number, use: Use): string => {
  switch (type) {
    case "bool":
      return value === 0 ? "false" : "true";
    case "int32":
      return value < 0 ? `i32(${value})` : `${value}i`;
    case "uint32":
      return `${value}u`;
    default: {
      const text = floatLiteral(value, use);
      return text.startsWith("-") ? `(${text})` : text;
    }
  }
};

const bits = (type: ComputeType, raw: string): string =>
  type === "uint32" ? raw : type === "bool" ? `(${raw} != 0u)` : `bitcast<${types[type]}>(${raw})`;

/** Bindings of group 0 are the buffers in order; group 1 holds the block of scalar arguments. */
const moduleText = ({
  buffers,
  scalars,
  shared,
  functions,
  helpers,
  body,
  workgroup,
  gridX,
  features,
}: Module): string => {
  const lines = features.map((feature) => `enable ${feature};`);
  buffers.forEach(({ name, element, access }, i) => {
    const mode = access === "read" ? "read" : "read_write";
    lines.push(`@group(0) @binding(${i}) var<storage, ${mode}> ${name}: array<${types[element]}>;`);
  });
  if (scalars > 0) {
    lines.push(`@group(1) @binding(0) var<uniform> scalars: array<vec4<u32>, ${Math.ceil(scalars / 4)}>;`);
  }
  for (const { name, element, length } of shared) {
    lines.push(`var<workgroup> ${name}: array<${types[element]}, ${length}>;`);
  }
  lines.push(...withNeeds(functions as ReadonlySet<LibraryName>), ...helpers);
  const builtins = [
    "@builtin(workgroup_id) workgroup: vec3<u32>",
    "@builtin(local_invocation_index) local: u32",
    ...(features.includes("subgroups")
      ? ["@builtin(subgroup_size) subgroupSize: u32", "@builtin(subgroup_invocation_id) lane: u32"]
      : []),
  ];
  lines.push(`@compute @workgroup_size(${workgroup})`);
  lines.push(`fn main(${builtins.join(", ")}) {`);
  lines.push(`  let group = workgroup.x + workgroup.y * ${gridX}u;`);
  return `${[...lines, ...body, "}"].join("\n")}\n`;
};

/** The WebGPU shading language. */
export const wgsl: Dialect = {
  name: "wgsl",
  load: loadFunctions,
  type: (type) => types[type],
  let: (_, name, value) => `let ${name} = ${value};`,
  variable: (type, name, value) => `var ${name}: ${types[type]}${value === undefined ? "" : ` = ${value}`};`,
  array: (type, name, length) => `var ${name}: array<${types[type]}, ${length}>;`,
  for: (name, from, to, step) => `for (var ${name}: i32 = ${from}; ${name} < ${to}; ${name} += ${step})`,
  barrier: "workgroupBarrier();",
  function: (name, parameters, result, body) =>
    `fn ${name}(${parameters.map(([each, type]) => `${each}: ${types[type]}`).join(", ")}) -> ${types[result]} { ${body} }`,
  constant: literal,
  scalar: (type, slot) => bits(type, `scalars[${Math.floor(slot / 4)}].${"xyzw"[slot % 4]}`),
  select: (condition, yes, no) => `select(${no}, ${yes}, ${condition})`,
  convert: convertText,
  toInt: (x) => `i32(${x})`,
  toUint: (x) => `u32(${x})`,
  bitcast: (_, to, x) => `bitcast<${types[to]}>(${x})`,
  narrow: narrowText,
  unary: unaryText,
  binary: binaryText,
  comparison: comparisonText,
  threefry: (k0, k1, c0, c1, use) => {
    use("threefry");
    return `threefry(${k0}, ${k1}, ${c0}, ${c1})`;
  },
  multiplyAdd: (a, b, c) => `fma(${a}, ${b}, ${c})`,
  vector: (type, parts) => `${types[type]}(${parts.join(", ")})`,
  widen: (x) => `f32(${x})`,
  broadcast: (x, lane) => `subgroupBroadcast(${x}, ${lane}u)`,
  shuffleXor: (x, mask) => `subgroupShuffleXor(${x}, ${mask}u)`,
  atomicLoad: (place) => `atomicLoad(&${place})`,
  atomicAnd: (place, value) => `atomicAnd(&${place}, ${value});`,
  atomicOr: (place, value) => `atomicOr(&${place}, ${value});`,
  atomicAdd: (place, value) => `atomicAdd(&${place}, ${value})`,
  atomicMax: (place, value) => `atomicMax(&${place}, ${value})`,
  atomicMin: (place, value) => `atomicMin(&${place}, ${value})`,
  call: (name, args, use) => {
    use(name);
    return `${name}(${args.join(", ")})`;
  },
  module: moduleText,
  custom: ({ wgsl: code }) => code && { source: code.source, grid: code.workgroups, workgroup: undefined },
};
