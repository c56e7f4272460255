// Jest runs tests in a second JavaScript realm. Binary data made by Node (workers, structuredClone, WebAssembly memories)
// belongs to the first, so `instanceof Float32Array` would fail there; sharing the constructors makes tests see what users see.
const { TestEnvironment } = require("jest-environment-node");
const { softwareGpu } = require("./software-gpus.cjs");

const typedArray = Object.getPrototypeOf(Uint8Array);
const isBinary = (value) =>
  typeof value === "function" &&
  (Object.getPrototypeOf(value) === typedArray || /^(Shared)?ArrayBuffer$|^DataView$/.test(value.name));

const navigatorOf = (global) => global.navigator ?? Object.prototype;

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (isBinary(globalThis[name])) this.global[name] = globalThis[name];
    }
    this.global.WebAssembly = WebAssembly;
    // Dawn loads when a test first asks for a GPU.
    this.global.softwareGpu = softwareGpu;
    Object.defineProperty(this.global, "navigator", {
      configurable: true,
      value: Object.create(navigatorOf(this.global), {
        gpu: { get: () => softwareGpu("lavapipe") ?? softwareGpu("SwiftShader") },
      }),
    });
  }
};
