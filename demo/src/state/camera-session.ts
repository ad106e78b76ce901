import { signal, type ReadonlySignal } from '@preact/signals';
import type { Camera, Face, NearFace, TrackedFace, VideoStats } from 'nearface';
import { toThreshold } from '../model/thresholds.ts';
import type { CameraSource } from './camera-source.ts';
import type { CameraTracks } from './camera-tracks.ts';
import { lookForDetails } from './live-look.ts';
import type { Settings } from './settings.ts';

/** A camera that is watched. */
export interface Watched {
  readonly source: CameraSource;
  readonly camera: Camera;
  readonly tracks: CameraTracks;
}

/** Who is in the picture at this moment. */
export interface LiveView {
  readonly faces: readonly TrackedFace[];
  /** By track, where its middle was lately, the oldest first. */
  readonly trails: ReadonlyMap<number, readonly { readonly x: number; readonly y: number }[]>;
}

/** What a session shows, moment by moment. */
export interface LivePicture {
  readonly view: ReadonlySignal<LiveView>;
  /** The faces of the last look for details. */
  readonly looks: ReadonlySignal<readonly Face[]>;
  readonly stats: ReadonlySignal<VideoStats | undefined>;
  /** What happened to the source, in a sentence. */
  readonly notice: ReadonlySignal<string>;
}

/** Places of a trail: about two seconds. */
const TRAIL = 50;
/** How often the page draws the faces, in ms. */
const DRAW_MS = 40;
/** A further report of somebody must be so much better, and so much later: each is a line of the history. */
const SCORE_STEP = 0.1;
const DELAY_MS = 3000;
const NOBODY: LiveView = { faces: [], trails: new Map() };

/** Watches cameras, one session at a time, for what the page shows. */
export interface CameraWatcher extends LivePicture {
  /** Follows faces until `signal` aborts; rejects with what ended it before. */
  watch(nf: NearFace, watched: Watched, signal: AbortSignal): Promise<void>;
  /** Shows nothing. */
  clear(): void;
}

export function createCameraWatcher(settings: Settings): CameraWatcher {
  const view = signal(NOBODY);
  const looks = signal<readonly Face[]>([]);
  const stats = signal<VideoStats | undefined>(undefined);
  const notice = signal('');
  const details = () => ({
    mesh: settings.liveMesh.peek(),
    pose: settings.livePose.peek(),
    mood: settings.liveMood.peek(),
  });
  return {
    ...{ view, looks, stats, notice },
    clear() {
      view.value = NOBODY;
      looks.value = [];
      stats.value = undefined;
      notice.value = '';
    },
    async watch(nf, { source, camera, tracks }, signal) {
      const session = nf.watch(source.input, {
        // Its areas come with the camera; who is seen is noted as `people: 'auto'` of the engine says.
        cameraId: camera.id,
        scoreStep: SCORE_STEP,
        delayMs: DELAY_MS,
        galleries: [settings.gallery.peek()],
        threshold: toThreshold(settings.threshold.peek()),
        realtime: true,
        signal,
      });
      const timer = setInterval(() => {
        view.value = withTrails(view.peek(), session.faces);
        stats.value = session.stats;
      }, DRAW_MS);
      signal.addEventListener('abort', () => clearInterval(timer));
      const onFaces = (faces: readonly Face[]): void => void (looks.value = faces);
      void lookForDetails(nf, source.video, details, onFaces, signal);
      for await (const event of session) {
        tracks.hear(event);
        if (event.type === 'source') notice.value = event.text;
      }
    },
  };
}

function withTrails(before: LiveView, faces: readonly TrackedFace[]): LiveView {
  const trails = new Map(
    faces.map(({ trackId, box: { left, top, width, height } }) => [
      trackId,
      [...(before.trails.get(trackId) ?? []), { x: left + width / 2, y: top + height / 2 }].slice(-TRAIL),
    ]),
  );
  return { faces, trails };
}
