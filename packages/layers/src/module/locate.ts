import { GradloomError } from "@gradloom/tensor";
import type { AnyModule } from "./module.ts";
import { walk } from "./walk.ts";

const located = new WeakSet<GradloomError>();

/** How a module is called in messages: its place in the model, and its class. */
export const labelOf = (module: AnyModule, root: AnyModule): string => {
  const { name } = module.constructor;
  for (const [path, found] of walk(root).modules) if (found === module && path !== "") return `${path} ${name}`;
  return name;
};

/** Makes an error that arose in a module say where in the model that is; errors of inner modules stay as they are. */
export const locate = (error: unknown, module: AnyModule, root: AnyModule): void => {
  if (!(error instanceof GradloomError) || located.has(error)) return;
  located.add(error);
  const { where, message } = error;
  const label = labelOf(module, root);
  // The layer's own operation need not be named: [conv1 Conv2d] says conv2d.
  const operation = where.toLowerCase() === module.constructor.name.toLowerCase() ? "" : `${where}: `;
  const text = message.startsWith(`[${where}] `) ? message.slice(where.length + 3) : message;
  error.message = `[${label}] ${operation}${text}`;
  if (error.stack !== undefined) error.stack = error.stack.replace(message, error.message);
  Object.assign(error, { where: label });
};
