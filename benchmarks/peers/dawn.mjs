// WebGPU in Node: Dawn's globals, and counters of what is submitted. Import it before what looks for WebGPU.
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);
// The object from `create` must live as long as the process.
Object.defineProperty(globalThis, "navigator", {
  value: { gpu: create([]), userAgent: "Node.js" },
  configurable: true,
});

const counted = { dispatches: 0, submits: 0 };
const count = (type, method, kind) => {
  const original = type.prototype[method];
  type.prototype[method] = function (...args) {
    counted[kind]++;
    return original.apply(this, args);
  };
};
count(GPUComputePassEncoder, "dispatchWorkgroups", "dispatches");
count(GPUComputePassEncoder, "dispatchWorkgroupsIndirect", "dispatches");
count(GPUQueue, "submit", "submits");

export const counters = () => ({ ...counted });

/** Name of the adapter that programs get. */
export const adapterName = async () => {
  const { device, description, vendor } = (await navigator.gpu.requestAdapter()).info;
  return device || description || vendor;
};
