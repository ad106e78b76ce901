import type { Face, NearFace } from 'nearface';

/** What is to be seen on the faces beyond their names. */
export interface Details {
  readonly mesh: boolean;
  readonly pose: boolean;
  readonly mood: boolean;
}

/** Least time between two looks, in ms, so that the tracking has the models in between. */
const REST_MS = 120;

/** Looks at the newest frame of a video for details, over and over, until `signal` aborts; failures are told and tried again. */
export async function lookForDetails(
  nf: NearFace,
  video: HTMLVideoElement,
  wanted: () => Details,
  onFaces: (faces: readonly Face[]) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { mesh, pose, mood } = wanted();
    if ((mesh || pose || mood) && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      const attributes = mood && (['emotions'] as const);
      const returnDetails = { mesh, angle: true, attributes, landmarks: false };
      const faces = await nf.detect(video, { mode: 'accurate', returnDetails, signal }).then(
        (detection) => detection.faces,
        () => [],
      );
      if (!signal.aborted) onFaces(faces);
    } else onFaces([]);
    await new Promise((done) => setTimeout(done, REST_MS));
  }
}
