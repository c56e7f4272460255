import { type ComputeType, UnsupportedError } from "@gradloom/backend";
import type { Source } from "../source.ts";

/** Larger than the keys of numbers: the key of NaN. */
export const nanKey = "4294967295u";

/**
 * How values are compared: by uint32 keys that are ordered as the values are, NaN being the largest; 0 and -0 share one. The function
 * takes and gives text.
 */
export const orderKey = (s: Source, type: ComputeType): ((x: string) => string) => {
  const { dialect } = s;
  switch (type) {
    case "bool":
      return (x) => dialect.select(x, "1u", "0u");
    case "uint32":
      return (x) => x;
    case "int32":
      return (x) => `(${dialect.toUint(x)} ^ 2147483648u)`;
    case "float32": {
      const body = [
        dialect.let("uint32", "bits", dialect.bitcast("float32", "uint32", "x")),
        dialect.let("uint32", "size", "bits & 2147483647u"),
        "if (size == 0u) { return 2147483648u; }",
        `if (size > 2139095040u) { return ${nanKey}; }`,
        `return ${dialect.select("bits == size", "bits | 2147483648u", "~bits")};`,
      ];
      let name: string | undefined;
      return (x) => {
        name ??= s.helper("orderKey", [["x", "float32"]], "uint32", body.join(" "));
        return `${name}(${x})`;
      };
    }
    case "float64":
      throw new UnsupportedError(dialect.name, "comparing float64 values by their keys");
  }
};
