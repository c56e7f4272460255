import type { DType } from "@gradloom/backend";
import { isFloat, isInteger } from "@gradloom/backend";

type Rule = (dtype: DType) => DType | undefined;

/** Result types by input type, as rows use them. */
export const same: Rule = (dtype) => dtype;

/** Integers and truth values give float32. */
export const real: Rule = (dtype) => (isFloat(dtype) ? dtype : "float32");

export const truth: Rule = () => "bool";

export const position: Rule = () => "int32";

/** Not for truth values. */
export const number: Rule = (dtype) => (dtype === "bool" ? undefined : dtype);

export const floating: Rule = (dtype) => (isFloat(dtype) ? dtype : undefined);

export const integer: Rule = (dtype) => (isInteger(dtype) ? dtype : undefined);

export const integerOrBool: Rule = (dtype) => (isFloat(dtype) ? undefined : dtype);

/** int8, uint8 and bool add up in int32. */
export const widened: Rule = (dtype) => (isFloat(dtype) || dtype === "uint32" ? dtype : "int32");
