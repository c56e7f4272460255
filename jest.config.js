/** @type {import("jest").Config} */
export default {
  testEnvironment: "<rootDir>/scripts/jest-environment.cjs",
  testMatch: [
    "<rootDir>/packages/*/test/**/*.test.ts",
    "<rootDir>/examples/*/test/**/*.test.ts",
    "<rootDir>/benchmarks/test/**/*.test.ts",
    "<rootDir>/scripts/test/**/*.test.ts",
  ],
  moduleNameMapper: {
    "^@gradloom/([^/]+)$": "<rootDir>/packages/$1/src/index.ts",
    "^@gradloom/([^/]+)/(.+)$": "<rootDir>/packages/$1/src/$2.ts",
    "^gradloom$": "<rootDir>/packages/gradloom/src/index.ts",
  },
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: { target: "es2022", parser: { syntax: "typescript" }, keepClassNames: true },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  modulePathIgnorePatterns: ["/dist/"],
  // Names that code finds at once; others cost it a search in the realm of the tests each time.
  sandboxInjectedGlobals: [
    "Math",
    "Number",
    "Array",
    "Object",
    "Infinity",
    "Float32Array",
    "Float64Array",
    "Int32Array",
  ],
  maxWorkers: "100%",
  testSequencer: "<rootDir>/scripts/test-sequencer.cjs",
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  testTimeout: 30000,
};
