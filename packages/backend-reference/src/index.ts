export type { NullBackend } from "./nullBackend.ts";
export { createNullBackend } from "./nullBackend.ts";
export type { ReferenceOptions } from "./referenceBackend.ts";
export { createReferenceBackend } from "./referenceBackend.ts";
