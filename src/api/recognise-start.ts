import type { HostPicture, WireInput } from '../core/wire-image.ts';
import { DEFAULT_APPEARANCE } from '../video/appearance.ts';
import type { FollowOptions } from '../video/follow-options.ts';
import { Follower } from '../video/follower.ts';
import { openVideo } from '../platform/open-video.ts';
import type { SeenAppearance } from '../video/recogniser.ts';
import { DEFAULT_TRACKER } from '../video/tracker-options.ts';
import type { StoredRecognition } from '../worker/contract.ts';
import { analyseOne, detailsFor, requestFor } from './analyse.ts';
import type { ResolvedRecognise, RecogniseRunOptions } from './recognise-options.ts';
import { type ImageSeen, RecognitionRun } from './recognise-run.ts';
import { Identifier } from './recognise-who.ts';
import { resolveEmbed } from './resolve-options.ts';
import type { Session } from './session.ts';
import { videoStages } from './video-stages.ts';

/** What was seen is kept so often, in ms of work. */
const SAVE_EVERY_MS = 2000;
/** Sides of the smallest face at the scale of `faceDetectionScale`, in pixels. */
const LEAST_FACE = 32;
/** People who are followed at once. */
const MOST_PEOPLE = 64;

/** The work at a job, from where it stopped. */
export function startRecognition(
  session: Session,
  job: StoredRecognition,
  onProgress: RecogniseRunOptions['onProgress'],
): RecognitionRun<HostPicture, WireInput> {
  const { gallery, host, assets } = session;
  const options = { ...(job.options as unknown as ResolvedRecognise), galleries: job.galleries };
  const identifier = new Identifier(session, job.id, options);
  return new RecognitionRun(job, {
    readCheckpoint: () => gallery.ask('readCheckpoint', [job.id]),
    save: (step) => gallery.ask('saveRecognition', [job.id, step]),
    open: async (no, signal) => openVideo(await inputOf(session, job, no), { assets, signal }),
    follow: (_, state) =>
      new Follower(videoStages(session), followOptions(session, options), undefined, state),
    send: (picture) => host.pictureToSend(picture),
    look: async (no, signal) => lookAt(session, await inputOf(session, job, no), options, signal),
    identify: (source, seen, unknowns) => identifier.identify(source, seen, unknowns),
    now: () => performance.now(),
    saveEveryMs: SAVE_EVERY_MS,
    onProgress,
  });
}

/** A source's address, or its bytes as a file. */
async function inputOf(
  { gallery }: Session,
  { id, sources }: StoredRecognition,
  no: number,
): Promise<Blob | string> {
  const { url, type = '', name = '' } = sources[no] ?? {};
  if (url !== undefined) return url;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const part = await gallery.ask('readSourcePiece', [id, no, parts.length]);
    // By its name errors tell which source it is.
    if (!part) return new File(parts, name, { type });
    parts.push(part);
  }
}

function followOptions(session: Session, { faceDetectionScale }: ResolvedRecognise): FollowOptions {
  const { confidence } = session;
  const judge = confidence && {
    ...DEFAULT_APPEARANCE,
    judge: (cosine: number, a: number, b: number) => confidence.confidence(cosine, a, b),
  };
  return {
    tracker: { ...DEFAULT_TRACKER, maxPersons: MOST_PEOPLE, ...(judge && { appearance: judge }) },
    ...{ motionThreshold: 0.002, motionScale: 0.3, detectionScale: faceDetectionScale },
    ...{ live: false, realtime: false, minShotScore: 0, scoreStep: 0.05, delayMs: 0, refreshMs: 0 },
    ...{ boxScale: 1, details: detailsFor({}), photo: false, aligned: false, startTime: 0 },
  };
}

/** Who is in an image: each face is an appearance of one frame. */
async function lookAt(
  session: Session,
  image: Blob | string,
  { faceDetectionScale }: ResolvedRecognise,
  signal: AbortSignal,
): Promise<ImageSeen> {
  const request = requestFor(resolveEmbed({ mode: 'accurate' }), { embedding: true, enrol: 'crops' });
  const { width, height, faces, pictures } = await analyseOne(session, image, request, signal);
  const least = (LEAST_FACE * Math.min(width, height)) / faceDetectionScale;
  const seen = faces.flatMap(({ position, embedding, reliability }, i): SeenAppearance[] => {
    if (Math.min(position.width, position.height) < least) return [];
    const { left, top, width: wide, height: high } = position;
    const { crop, thumbnail } = pictures[i] ?? {};
    return [
      {
        ...{ track: i + 1, frameStart: 0, frameEnd: 0, timeStart: 0, timeEnd: 0 },
        ...(embedding && { mean: { embedding, reliability: reliability ?? session.assumedReliability } }),
        pictures: { ...(crop && { crop }), ...(thumbnail && { thumbnail }) },
        frames: Uint32Array.of(0),
        boxes: Float32Array.of(left / width, top / height, wide / width, high / height),
      },
    ];
  });
  return { width, height, seen };
}
