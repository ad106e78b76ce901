/** @vladmandic/human over frames, with what a track of ours has: face, mesh, description. */
import { humanConfig } from '../harness/human-config.ts';

interface Human {
  readonly tf: { setThreadsCount?(threads: number): void };
  load(): Promise<void>;
  detect(picture: OffscreenCanvas | HTMLCanvasElement): Promise<{
    readonly face: readonly { readonly mesh: readonly unknown[]; readonly embedding?: readonly number[] }[];
    readonly error?: unknown;
  }>;
}

/** Loads it on one thread of WASM. Nothing is taken over from the frame before. */
export async function startHuman(
  maxDetected: number,
): Promise<(picture: OffscreenCanvas | HTMLCanvasElement) => Promise<number>> {
  const url = '/human/dist/human.esm.js';
  const { Human: Class } = (await import(url)) as { Human: new (config: object) => Human };
  const human = new Class(humanConfig({ backend: 'wasm', maxDetected }));
  human.tf.setThreadsCount?.(1);
  await human.load();
  return async (picture) => {
    const { face: faces, error } = await human.detect(picture);
    if (error) throw new Error('Human could not read the frame', { cause: error });
    return faces.filter(({ mesh, embedding }) => mesh.length > 0 && embedding?.length).length;
  };
}
