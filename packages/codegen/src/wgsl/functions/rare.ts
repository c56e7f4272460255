import { atan } from "./atan.ts";
import { pow } from "./pow.ts";
import { remainder } from "./remainder.ts";
import { trigonometry } from "./trigonometry.ts";

/** Functions of operations that few models use. */
export const rare = { ...trigonometry, ...atan, ...pow, ...remainder } as const;
