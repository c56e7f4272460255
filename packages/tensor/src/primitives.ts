import { ruledPrimitive } from "./graph/ruled.ts";
import { reluPrimitive } from "./ops/activations.ts";
import { addPrimitive, divPrimitive, mulPrimitive, negPrimitive, subPrimitive } from "./ops/arithmetic.ts";
import { attentionLogSumExpPrimitive, attentionPrimitive } from "./ops/attentionKernel.ts";
import { shiftLeftPrimitive, shiftRightPrimitive } from "./ops/bitwise.ts";
import { castPrimitive } from "./ops/cast.ts";
import { copysignPrimitive } from "./ops/clamp.ts";
import {
  equalPrimitive,
  greaterEqualPrimitive,
  greaterPrimitive,
  lessEqualPrimitive,
  lessPrimitive,
  notEqualPrimitive,
} from "./ops/comparison.ts";
import { joinPrimitive } from "./ops/concat.ts";
import { convPrimitive } from "./ops/convolution.ts";
import { erfcPrimitive, erfinvPrimitive, erfPrimitive } from "./ops/errorFunction.ts";
import {
  expm1Primitive,
  log1pPrimitive,
  logAddExpPrimitive,
  sigmoidPrimitive,
  softplusPrimitive,
} from "./ops/exponential.ts";
import { digammaPrimitive, lgammaPrimitive, polygammaPrimitive } from "./ops/gamma.ts";
import { gatherPrimitive, scatterPrimitive } from "./ops/indexing.ts";
import { choleskyPrimitive } from "./ops/linalg/cholesky.ts";
import { cofactorPrimitive, detPrimitive, slogdetPrimitive } from "./ops/linalg/determinant.ts";
import { eighPrimitive } from "./ops/linalg/eigh.ts";
import { qrPrimitive } from "./ops/linalg/qr.ts";
import { solvePrimitive } from "./ops/linalg/solve.ts";
import { svdPrimitive } from "./ops/linalg/svd.ts";
import { triangularPrimitive } from "./ops/linalg/triangularSolve.ts";
import { andPrimitive, notPrimitive, orPrimitive, xorPrimitive } from "./ops/logical.ts";
import {
  absPrimitive,
  cosPrimitive,
  expPrimitive,
  logPrimitive,
  maximumPrimitive,
  minimumPrimitive,
  powPrimitive,
  signPrimitive,
  sinPrimitive,
  sqrtPrimitive,
  tanhPrimitive,
} from "./ops/mathematics.ts";
import { matmulPrimitive } from "./ops/matmul.ts";
import {
  diagonalPrimitive,
  expandPrimitive,
  padPrimitive,
  permutePrimitive,
  reshapePrimitive,
  slicePrimitive,
  windowsPrimitive,
} from "./ops/movement.ts";
import { poolPrimitive } from "./ops/pooling.ts";
import { threefryPrimitive } from "./ops/randomBits.ts";
import {
  allPrimitive,
  anyPrimitive,
  argmaxPrimitive,
  argminPrimitive,
  maxPrimitive,
  minPrimitive,
  prodPrimitive,
  sumPrimitive,
} from "./ops/reduction.ts";
import {
  ceilPrimitive,
  floorDividePrimitive,
  floorPrimitive,
  fmodPrimitive,
  remainderPrimitive,
  roundPrimitive,
  truncDividePrimitive,
  truncPrimitive,
} from "./ops/rounding.ts";
import {
  argCummaxPrimitive,
  argCumminPrimitive,
  cumprodPrimitive,
  cumsumPrimitive,
  cumulativeLogSumExpPrimitive,
} from "./ops/scan.ts";
import { argsortPrimitive } from "./ops/sort.ts";
import { stopGradientPrimitive } from "./ops/stopGradient.ts";
import {
  acoshPrimitive,
  acosPrimitive,
  asinhPrimitive,
  asinPrimitive,
  atan2Primitive,
  atanhPrimitive,
  atanPrimitive,
  coshPrimitive,
  hypotPrimitive,
  sinhPrimitive,
  tanPrimitive,
} from "./ops/trigonometry.ts";
import { wherePrimitive } from "./ops/where.ts";

/**
 * Every primitive of the operations: whatever an operation makes beside leaves is one of these. For tests, documentation and tools;
 * nothing that is bundled imports it.
 */
export const primitives = {
  abs: absPrimitive,
  acosh: acoshPrimitive,
  acos: acosPrimitive,
  add: addPrimitive,
  all: allPrimitive,
  and: andPrimitive,
  any: anyPrimitive,
  argCummax: argCummaxPrimitive,
  argCummin: argCumminPrimitive,
  argmax: argmaxPrimitive,
  argmin: argminPrimitive,
  argsort: argsortPrimitive,
  asinh: asinhPrimitive,
  asin: asinPrimitive,
  atan2: atan2Primitive,
  atanh: atanhPrimitive,
  atan: atanPrimitive,
  attention: attentionPrimitive,
  attentionLogSumExp: attentionLogSumExpPrimitive,
  cast: castPrimitive,
  ceil: ceilPrimitive,
  cholesky: choleskyPrimitive,
  cofactor: cofactorPrimitive,
  conv: convPrimitive,
  copysign: copysignPrimitive,
  cosh: coshPrimitive,
  cos: cosPrimitive,
  cumprod: cumprodPrimitive,
  cumsum: cumsumPrimitive,
  cumulativeLogSumExp: cumulativeLogSumExpPrimitive,
  det: detPrimitive,
  diagonal: diagonalPrimitive,
  digamma: digammaPrimitive,
  div: divPrimitive,
  eigh: eighPrimitive,
  equal: equalPrimitive,
  erfc: erfcPrimitive,
  erfinv: erfinvPrimitive,
  erf: erfPrimitive,
  expand: expandPrimitive,
  expm1: expm1Primitive,
  exp: expPrimitive,
  floorDivide: floorDividePrimitive,
  floor: floorPrimitive,
  fmod: fmodPrimitive,
  gather: gatherPrimitive,
  greaterEqual: greaterEqualPrimitive,
  greater: greaterPrimitive,
  hypot: hypotPrimitive,
  join: joinPrimitive,
  lessEqual: lessEqualPrimitive,
  less: lessPrimitive,
  lgamma: lgammaPrimitive,
  log1p: log1pPrimitive,
  logAddExp: logAddExpPrimitive,
  log: logPrimitive,
  matmul: matmulPrimitive,
  maximum: maximumPrimitive,
  max: maxPrimitive,
  minimum: minimumPrimitive,
  min: minPrimitive,
  mul: mulPrimitive,
  neg: negPrimitive,
  notEqual: notEqualPrimitive,
  not: notPrimitive,
  or: orPrimitive,
  pad: padPrimitive,
  permute: permutePrimitive,
  polygamma: polygammaPrimitive,
  pool: poolPrimitive,
  pow: powPrimitive,
  prod: prodPrimitive,
  qr: qrPrimitive,
  relu: reluPrimitive,
  remainder: remainderPrimitive,
  reshape: reshapePrimitive,
  round: roundPrimitive,
  ruled: ruledPrimitive,
  scatter: scatterPrimitive,
  shiftLeft: shiftLeftPrimitive,
  shiftRight: shiftRightPrimitive,
  sigmoid: sigmoidPrimitive,
  sign: signPrimitive,
  sinh: sinhPrimitive,
  sin: sinPrimitive,
  slice: slicePrimitive,
  slogdet: slogdetPrimitive,
  softplus: softplusPrimitive,
  solve: solvePrimitive,
  sqrt: sqrtPrimitive,
  stopGradient: stopGradientPrimitive,
  sub: subPrimitive,
  sum: sumPrimitive,
  svd: svdPrimitive,
  tanh: tanhPrimitive,
  tan: tanPrimitive,
  threefry: threefryPrimitive,
  triangular: triangularPrimitive,
  truncDivide: truncDividePrimitive,
  trunc: truncPrimitive,
  where: wherePrimitive,
  windows: windowsPrimitive,
  xor: xorPrimitive,
} as const;
