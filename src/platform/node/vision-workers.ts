import { availableParallelism, totalmem } from 'node:os';

/** Bytes of memory for a worker with its models and the pictures that it works at. */
const BYTES_PER_WORKER = 400e6;
/** The part of the memory that is theirs. */
const SHARE = 0.5;

/** Vision workers that this machine should have, or the part of it that a container may use: one for each core, if there is memory for them. */
export function visionWorkers(): number {
  // Zero, or more than there is, where nothing limits it.
  const limit = process.constrainedMemory() || Infinity;
  return visionWorkersFor(availableParallelism(), Math.min(limit, totalmem()));
}

export function visionWorkersFor(cores: number, memoryBytes: number): number {
  return Math.max(1, Math.min(cores, Math.floor((memoryBytes * SHARE) / BYTES_PER_WORKER)));
}
