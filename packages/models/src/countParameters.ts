import type { AnyModule } from "@gradloom/layers";

/** Elements of all parameters of a module, those that training changes. Nothing is computed. @example countParameters(resnet(18)) // 11689512 */
export const countParameters = (module: AnyModule): number =>
  module.parameters().reduce((count, { shape }) => count + shape.reduce((n, m) => n * m, 1), 0);
