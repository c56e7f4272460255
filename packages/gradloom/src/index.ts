// What builds models is here by its own name; what has names in common (`split`, `evaluate`, ...) is in namespaces besides.
export * from "@gradloom/autograd";
export * as datasets from "@gradloom/datasets";
export { DataLoader } from "@gradloom/datasets";
export * from "@gradloom/layers";
export * as metrics from "@gradloom/metrics";
export * from "@gradloom/models";
export * from "@gradloom/optimizers";
export * from "@gradloom/regularization";
export * as serialization from "@gradloom/serialization";
export { loadSafetensors, saveSafetensors } from "@gradloom/serialization";
export type { Rule } from "@gradloom/tensor";
export * from "@gradloom/tensor";
export * as training from "@gradloom/training";
export { earlyStopping, fit, htmlReport, predict, progressBar, schedule } from "@gradloom/training";
