import type { DeviceChoice, Settings } from "../messages.ts";

const devices: readonly DeviceChoice[] = ["auto", "webgpu", "cpu"];

/** What the page's address asks for, such as `?device=cpu&epochs=1&batch=32&samples=2000`; what makes no sense is left out. */
export const settingsOf = (search: string): Settings => {
  const query = new URLSearchParams(search);
  const count = (name: string, most: number): number | undefined => {
    const value = Number(query.get(name));
    return Number.isInteger(value) && value >= 1 ? Math.min(most, value) : undefined;
  };
  return {
    device: devices.find((each) => each === query.get("device")) ?? "auto",
    epochs: count("epochs", 1000) ?? 3,
    batch: count("batch", 4096) ?? 64,
    samples: count("samples", 60_000),
  };
};
