/** Software drivers for Vulkan. */
export type Driver = "lavapipe" | "SwiftShader";

declare const softwareGpu: (driver: Driver) => unknown;

/** A group of tests for each driver, skipped with the reason where it is not installed. */
export const describeOn = (drivers: readonly Driver[], body: (gpu: unknown, driver: Driver) => void): void => {
  for (const driver of drivers) {
    const gpu = softwareGpu(driver);
    if (gpu !== undefined) describe(`on ${driver}`, () => body(gpu, driver));
    else test.skip(`on ${driver}: its driver is not installed, or VK_ICD_FILENAMES does not name it`, () => {});
  }
};
