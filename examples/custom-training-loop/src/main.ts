import { syntheticDigits } from "@gradloom/datasets";
import { train } from "./train.ts";

const accuracy = await train(syntheticDigits({ count: 10000, seed: 1 }), syntheticDigits({ count: 2000, seed: 2 }), 5);
console.log(`Test accuracy ${(100 * accuracy).toFixed(2)} %`);
process.exit();
