/** Base of every error that Gradloom throws: `[where] what is wrong; what to do`. */
export class GradloomError extends Error {
  static override readonly name: string = "GradloomError";

  /** The operation, layer or file that refused. */
  readonly where: string;

  constructor(where: string, problem: string, remedy?: string) {
    super(`[${where}] ${problem}${remedy === undefined ? "" : `; ${remedy}`}`);
    this.name = new.target.name;
    this.where = where;
  }
}

/** A shape, axis or index that does not fit. */
export class ShapeError extends GradloomError {
  static override readonly name: string = "ShapeError";
}

/** An element type that the operation does not take. */
export class DTypeError extends GradloomError {
  static override readonly name: string = "DTypeError";
}

/** An argument (not a shape or an element type) that is out of its range. */
export class ArgumentError extends GradloomError {
  static override readonly name: string = "ArgumentError";
}

/** A device that is unknown, missing, or mixed with another one. */
export class DeviceError extends GradloomError {
  static override readonly name: string = "DeviceError";
}

/** The device went away; tensors that lived on it are gone. */
export class DeviceLostError extends DeviceError {
  static override readonly name: string = "DeviceLostError";
}

/** The device has no room; states the live bytes and the request. */
export class OutOfMemoryError extends GradloomError {
  static override readonly name: string = "OutOfMemoryError";
}

/** A value that was computed from a variable that has been overwritten since. */
export class StaleTensorError extends GradloomError {
  static override readonly name: string = "StaleTensorError";
}

/** Something that this backend or operation does not offer. */
export class UnsupportedError extends GradloomError {
  static override readonly name: string = "UnsupportedError";
}

/** A file or message that does not follow its format. */
export class FormatError extends GradloomError {
  static override readonly name: string = "FormatError";
}
