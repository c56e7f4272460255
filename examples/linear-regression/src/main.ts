import { train } from "./train.ts";

const { weight, bias } = await train();
const [a = 0, b = 0] = weight;
console.log(`y = ${a.toFixed(3)} a + ${b.toFixed(3)} b + ${bias.toFixed(3)}   (made with 2, -3 and 0.5)`);
process.exit();
