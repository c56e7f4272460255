export type { DecodeOptions, Safetensors } from "./safetensors/decodeSafetensors.ts";
export { decodeSafetensors } from "./safetensors/decodeSafetensors.ts";
export { encodeSafetensors } from "./safetensors/encodeSafetensors.ts";
export { loadSafetensors } from "./safetensors/loadSafetensors.ts";
export { saveSafetensors } from "./safetensors/saveSafetensors.ts";
