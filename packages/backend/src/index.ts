export type { Backend, BackendTraits, Binding, Command, DeviceBuffer, MemoryStatistics, Program } from "./backend.ts";
export { checkKernel } from "./check/checkKernel.ts";
export { collapse } from "./collapse.ts";
export type { ComputeType, DType, HostArray, HostArrays } from "./dtype.ts";
export { byteSize, computeType, dtypes, hostArray, hostArrayOver, isDType, isFloat, isInteger } from "./dtype.ts";
export {
  ArgumentError,
  DeviceError,
  DeviceLostError,
  DTypeError,
  FormatError,
  GradloomError,
  OutOfMemoryError,
  ShapeError,
  StaleTensorError,
  UnsupportedError,
} from "./errors.ts";
export type {
  BinaryOp,
  ComparisonOp,
  ExpressionNode,
  NodeId,
  Reduction,
  ScalarOp,
  UnaryOp,
} from "./expression.ts";
export { argsOf, binaryOps, comparisonOps, reductions, unaryOps } from "./expression.ts";
export {
  fromBfloat16,
  fromFloat16,
  highest,
  lowest,
  readElement,
  roundTo,
  toBfloat16,
  toFloat16,
  writeElement,
} from "./half.ts";
export type {
  AttentionKernel,
  ConvKernel,
  Coordinate,
  CustomKernel,
  FusedKernel,
  GatherKernel,
  HostOutput,
  Kernel,
  KernelInput,
  KernelKind,
  KernelOutput,
  MapKernel,
  MatmulKernel,
  PoolKernel,
  ReduceKernel,
  RowKernel,
  ScanKernel,
  ScatterKernel,
  SortKernel,
  Window,
} from "./kernel.ts";
export { kernelKey } from "./kernel.ts";
export type { Levels } from "./levels.ts";
export { levelsOf } from "./levels.ts";
export type { KernelTypes } from "./needs.ts";
export { bindingsOf, typesOf, unmetNeed } from "./needs.ts";
export { binaryTypes, bitcastTypes, comparisonTypes, reductionTypes, unaryTypes } from "./operands.ts";
export { bufferNeeds, outputShape, reach } from "./reach.ts";
export type { Shape } from "./shape.ts";
export {
  broadcastShapes,
  checkShape,
  contiguousStrides,
  formatShape,
  maxElements,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
} from "./shape.ts";
export { threefry2x32 } from "./threefry.ts";
export type { Range, View } from "./view.ts";
export {
  contiguousView,
  diagonalView,
  expandView,
  isContiguous,
  isMasked,
  padView,
  permuteView,
  reshapeView,
  sliceView,
  windowsView,
} from "./view.ts";
export { windowOutput } from "./windowOutput.ts";
