import { FormatError } from "@gradloom/backend";

/** A file that no mirror gives as it should be; says what each of them answered. */
export class DownloadError extends FormatError {
  static override readonly name: string = "DownloadError";
}
