import { transfer } from 'comlink';
import type { FrameDetails, FrameFace, FrameLook, TakeFrame } from '../core/frames.ts';
import type { WireInput } from '../core/wire-image.ts';
import type { HeldFrame, Stages } from '../video/stages.ts';
import type { PoolWorker } from '../worker/vision-pool.ts';
import type { Session } from './session.ts';

/**
 * The vision worker's stages for a video, one worker for all its frames. What is taken is transferred: the worker owns the picture then,
 * and closes it.
 */
export function videoStages({ vision }: Session): Stages<WireInput> {
  let worker: PoolWorker | undefined;
  const video = {};
  return {
    async take(
      { image, transfer: moved }: WireInput,
      how: TakeFrame,
      signal?: AbortSignal,
    ): Promise<HeldFrame> {
      const nowMs = performance.now();
      worker ??= vision.workerFor(video, nowMs);
      worker.tookFrame(video, nowMs);
      const held = worker;
      const sent = transfer(image, [...moved] as Transferable[]);
      const { frame, ...taken } = await held.call((remote, callId) => remote.takeFrame(callId, sent, how), {
        signal,
        // Else a frame that was taken all the same would never be given back.
        settledByWorker: true,
      });
      return {
        ...taken,
        find: (look: FrameLook, stop?: AbortSignal) =>
          held.call((remote, callId) => remote.findInFrame(callId, frame, look), { signal: stop }),
        measure: (faces: readonly FrameFace[], wanted: FrameDetails, stop?: AbortSignal) =>
          held.call((remote, callId) => remote.measureInFrame(callId, frame, faces, wanted), {
            signal: stop,
          }),
        giveBack: () => held.tell((remote) => remote.giveBackFrame(frame)),
      };
    },
  };
}
