const { default: Sequencer } = require("@jest/test-sequencer");

/** The suites that take longest, in this order: begun last, one of them alone would keep everyone waiting. */
const longest = [
  "packages/backend-webgpu/test/conformanceOnSwiftShader.test.ts",
  "packages/backend-webgpu/test/conformanceOnLavapipe.test.ts",
  "packages/backend-cpu/test/conformance.test.ts",
];

const rank = ({ path }) => {
  const found = longest.findIndex((end) => path.replaceAll("\\", "/").endsWith(end));
  return found < 0 ? longest.length : found;
};

/** Jest's own order, by the times of the last run or by size, behind the longest suites: a fresh clone knows no times. */
module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
