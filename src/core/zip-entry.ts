/** One file in a zip, as its central directory describes it. None of it is checked against the file's data. */
export interface ZipEntry {
  /** Parts joined by `/`. A name only: `..` and a leading `/` mean nothing. */
  readonly path: string;
  /** General purpose bit flags; bit 0 marks encryption. */
  readonly flags: number;
  /** 0 stored, 8 Deflate; others are refused when the entry is opened. */
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where the entry's local header begins in the zip. */
  readonly headerAt: number;
  /** Whether it begins within another entry, as in zips that are made to unpack to far more than there is in them. */
  readonly isShared: boolean;
  /** Whether it will not be unpacked, by what is told here of it. */
  readonly isRefused: boolean;
}
