/** Why a file of the library's folder could not be read; whoever asked for it says what that means. */
export class AssetError extends Error {
  /** What the server answered, if it is that. */
  readonly status: number | undefined;
  /** The file is larger than was allowed. */
  readonly isTooLarge: boolean;

  constructor(
    message: string,
    { status, isTooLarge = false, cause }: { status?: number; isTooLarge?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'AssetError';
    this.status = status;
    this.isTooLarge = isTooLarge;
  }
}
