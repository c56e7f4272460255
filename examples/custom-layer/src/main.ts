import { train } from "./train.ts";

console.log(`Accuracy on new points ${(100 * (await train())).toFixed(1)} %`);
process.exit();
