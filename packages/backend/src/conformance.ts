export type { Case, Tolerance } from "./conformance/case.ts";
export { encode } from "./conformance/case.ts";
export { conformanceCases } from "./conformance/cases.ts";
export { compare } from "./conformance/compare.ts";
export type { ConformanceOptions } from "./conformance/conformance.ts";
export { conformance } from "./conformance/conformance.ts";
export { elementsInOrder, runCase } from "./conformance/run.ts";
