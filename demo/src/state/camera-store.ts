import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Gallery, Identification, Timings } from 'nearface';
import { cameraNeedsHttps } from '../model/explain.ts';
import { toThreshold } from '../model/thresholds.ts';
import type { Engine } from './engine.ts';
import { createFrameMeter, type FrameRate } from './frame-meter.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

export type CameraState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'on'; readonly stream: MediaStream }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What the newest frame that was looked at showed. */
export interface Seen {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly Identification[];
  /** Milliseconds from the frame to its names. */
  readonly ms: number;
  /** Medians over the last pictures that were looked at, on any page. */
  readonly timings: Timings;
  readonly rate: FrameRate;
}

export interface CameraStore {
  readonly state: ReadonlySignal<CameraState>;
  readonly cameras: ReadonlySignal<readonly MediaDeviceInfo[]>;
  readonly deviceId: Signal<string>;
  readonly mode: Signal<'fast' | 'accurate'>;
  readonly seen: ReadonlySignal<Seen | undefined>;
  /** Why frames are not looked at; frames are tried again every second. */
  readonly frameError: ReadonlySignal<unknown>;
  listCameras(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
  /** Looks at the frames of `video` until the camera stops; frames that come meanwhile are dropped. */
  follow(video: HTMLVideoElement): Promise<void>;
}

export function createCameraStore(engine: Engine, library: Library, settings: Settings): CameraStore {
  const state = signal<CameraState>({ kind: 'off' });
  const cameras = signal<readonly MediaDeviceInfo[]>([]);
  const deviceId = signal('');
  const mode = signal<'fast' | 'accurate'>('fast');
  const seen = signal<Seen | undefined>(undefined);
  const frameError = signal<unknown>(undefined);
  let run = 0;

  const listCameras = async (): Promise<void> => {
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    cameras.value = devices.filter(({ kind }) => kind === 'videoinput');
  };

  const stop = (): void => {
    run++;
    if (state.value.kind === 'on') state.value.stream.getTracks().forEach((track) => track.stop());
    state.value = { kind: 'off' };
    seen.value = undefined;
    frameError.value = undefined;
  };

  const start = async (): Promise<void> => {
    stop();
    const mine = run;
    state.value = { kind: 'starting' };
    try {
      const stream = await openCamera(deviceId.value);
      if (mine !== run) return stream.getTracks().forEach((track) => track.stop());
      const [track] = stream.getVideoTracks();
      track?.addEventListener('ended', () => {
        if (mine !== run) return;
        stop();
        state.value = { kind: 'failed', error: new DOMException('The camera ended', 'AbortError') };
      });
      deviceId.value = track?.getSettings().deviceId ?? deviceId.value;
      state.value = { kind: 'on', stream };
      await listCameras();
    } catch (error) {
      if (mine === run) state.value = { kind: 'failed', error };
    }
  };

  const look = async (video: HTMLVideoElement): Promise<readonly Identification[]> => {
    const gallery: Gallery = await library.gallery();
    const threshold = toThreshold(settings.threshold.value);
    return gallery.identify(video, { faces: 'all', limit: 1, mode: mode.value, threshold });
  };

  const follow = async (video: HTMLVideoElement): Promise<void> => {
    const mine = run;
    const meter = createFrameMeter(video);
    while (mine === run) {
      await nextFrame(video);
      if (mine !== run) break;
      try {
        const start = performance.now();
        const faces = await look(video);
        const ms = performance.now() - start;
        if (mine !== run) break;
        const { timings } = (await engine.ready()).info;
        const { videoWidth: width, videoHeight: height } = video;
        seen.value = { width, height, faces, ms, timings, rate: meter.count() };
        frameError.value = undefined;
      } catch (error) {
        if (mine !== run) break;
        frameError.value = error;
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
    meter.stop();
  };

  return { state, cameras, deviceId, mode, seen, frameError, listCameras, start, stop, follow };
}

async function openCamera(deviceId: string): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw cameraNeedsHttps();
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const video = deviceId ? { ...size, deviceId: { exact: deviceId } } : { ...size, facingMode: 'user' };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

/** Resolves when the video shows a frame that was not there before; at the latest after half a second. */
function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((done) => {
    const late = setTimeout(done, 500);
    video.requestVideoFrameCallback(() => {
      clearTimeout(late);
      done();
    });
  });
}
