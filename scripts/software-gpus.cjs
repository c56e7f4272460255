const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");

/** Software Vulkan drivers: what Debian calls them, and how their adapters are named. */
const drivers = {
  lavapipe: { manifest: "/usr/share/vulkan/icd.d/lvp_icd.json", adapter: "llvmpipe" },
  SwiftShader: { manifest: "/usr/lib/chromium/vk_swiftshader_icd.json", adapter: "SwiftShader" },
};

const wanted = process.env.VK_ICD_FILENAMES?.split(":") ?? [];

/** The Vulkan loader reads VK_ICD_FILENAMES when it starts: the value with which Node must be started. */
const driverManifests = () =>
  Object.values(drivers)
    .map(({ manifest }) => manifest)
    .filter(existsSync)
    .join(":");

/**
 * While work is under way Dawn asks for news in every turn of the event loop, by `setImmediate`. With a short rest before each turn it leaves
 * the processor to drivers, which compile and run kernels there.
 */
const restBetweenTurns = () => {
  const milliseconds = 0.2;
  const never = new Int32Array(new SharedArrayBuffer(4));
  const { setImmediate } = globalThis;
  globalThis.setImmediate = (callback, ...args) =>
    setImmediate(() => {
      Atomics.wait(never, 0, 0, milliseconds);
      callback(...args);
    });
};

const instances = new Map();

/**
 * A GPU of a software driver; undefined where the driver is missing. One for the life of the process, as Dawn wants it. The native module is
 * loaded by its file: the package itself is an ES module, which Jest cannot load.
 */
const softwareGpu = (name) => {
  if (!wanted.includes(drivers[name].manifest)) return undefined;
  if (!instances.has(name)) {
    const folder = dirname(require.resolve("webgpu/package.json"));
    const platform = process.platform === "darwin" ? "darwin-universal" : `${process.platform}-${process.arch}`;
    const { create } = require(join(folder, "dist", platform, "dawn.node"));
    if (instances.size === 0) restBetweenTurns();
    instances.set(name, create([`adapter=${drivers[name].adapter}`]));
  }
  return instances.get(name);
};

module.exports = { driverManifests, softwareGpu };
