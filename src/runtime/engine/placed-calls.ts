/** The exports of `assembly/index.ts`; their arguments are documented there. Addresses are in bytes. */
export interface EngineExports {
  perform(calls: number, end: number, own: number): void;
  chunksBefore(chunk: number): number;
  performChunk(chunk: number, own: number): void;
  signOfNaN(zero: 0): number;
}

/** The rooms of a plan's threads, where they make integers of rows and lay out windows: the first one's address, and the bytes of each. */
export interface ThreadRooms {
  readonly at: number;
  readonly bytes: number;
}

/** Calls that lie in a kernel's memory, all of them, and as chunks: see `program.ts`. */
export interface PlacedCalls {
  readonly from: number;
  readonly to: number;
  readonly chunks: number;
  readonly count: number;
}
