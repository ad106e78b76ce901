import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Box, Camera, NearFace } from 'nearface';
import { createCameraWatcher, type LivePicture, type Watched } from './camera-session.ts';
import { openSource, type CameraSource, type SourceChoice } from './camera-source.ts';
import { createCameraTracks } from './camera-tracks.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

export type CameraState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | ({ readonly kind: 'on' } & Watched)
  | { readonly kind: 'failed'; readonly error: unknown };

/** Width and height of a picture in its own pixels. */
interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Which part of the picture an area is: where is looked, or where those who are reported are. */
export type AreaKind = 'rot' | 'roi';

export interface CameraStore extends LivePicture {
  readonly state: ReadonlySignal<CameraState>;
  readonly devices: ReadonlySignal<readonly MediaDeviceInfo[]>;
  /** What is shown when it is started. */
  readonly kind: Signal<SourceChoice['kind']>;
  readonly deviceId: Signal<string>;
  readonly file: Signal<File | undefined>;
  /** Of the picture, in its own pixels; once known. */
  readonly size: ReadonlySignal<PictureSize | undefined>;
  listDevices(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
  /** Sets or takes away an area; it is kept with the camera. */
  setArea(kind: AreaKind, area: Box | undefined): Promise<void>;
}

export function createCameraStore(engine: Engine, library: Library, settings: Settings): CameraStore {
  const state = signal<CameraState>({ kind: 'off' });
  const devices = signal<readonly MediaDeviceInfo[]>([]);
  const kind = signal<SourceChoice['kind']>('webcam');
  const deviceId = signal('');
  const file = signal<File | undefined>(undefined);
  const size = signal<PictureSize | undefined>(undefined);
  const watcher = createCameraWatcher(settings);
  /** Ends the source, and the session over it, which begins anew with other areas. */
  let [ending, watching] = [new AbortController(), new AbortController()];
  /** Changes of areas that were asked for, and the last one that is shown: an older one that answers later is not. */
  let [asked, shown] = [0, 0];

  const listDevices = async (): Promise<void> => void (devices.value = await webcams());
  const stop = (): void => {
    ending.abort();
    watching.abort();
    const before = state.value;
    state.value = { kind: 'off' };
    if (before.kind === 'on') {
      before.source.close();
      before.tracks.close();
    }
    size.value = undefined;
    watcher.clear();
  };
  const fail = (mine: AbortController, error: unknown): void => {
    if (mine !== ending || mine.signal.aborted) return;
    stop();
    state.value = { kind: 'failed', error };
  };

  /** Watches a source; who was seen by a session before is another's: its tracks count anew. */
  const show = (nf: NearFace, source: CameraSource, camera: Camera, mine: AbortController): void => {
    const before = state.value;
    watching.abort();
    const { signal } = (watching = new AbortController());
    if (before.kind === 'on') before.tracks.close();
    watcher.clear();
    const tracks = createCameraTracks(nf, camera.id, () => settings.gallery.value);
    const watched = { source, camera, tracks };
    state.value = { kind: 'on', ...watched };
    void endOf(watcher.watch(nf, watched, signal), signal).then((error) => {
      if (error !== undefined) fail(mine, error);
      // What was noted at the end is there now.
      void library.refresh();
    });
  };

  const start = async (): Promise<void> => {
    stop();
    const mine = (ending = new AbortController());
    state.value = { kind: 'starting' };
    let source: CameraSource | undefined;
    try {
      source = await openSource(choiceOf(kind.value, deviceId.value, file.value));
      if (mine.signal.aborted) return source.close();
      source.onEnded(() => fail(mine, cameraEnded()));
      onSize(source.video, mine.signal, (found) => (size.value = found));
      const nf = await engine.ready();
      const camera = await cameraOf(nf, source);
      if (mine.signal.aborted) return source.close();
      if (camera.deviceId) deviceId.value = camera.deviceId;
      show(nf, source, camera, mine);
      await listDevices();
    } catch (error) {
      // Nothing else would switch it off before it is shown.
      source?.close();
      fail(mine, error);
    }
  };

  return {
    ...{ view: watcher.view, looks: watcher.looks, stats: watcher.stats, notice: watcher.notice },
    ...{ state, devices, kind, deviceId, file, size, listDevices, start, stop },
    async setArea(which, area) {
      const now = state.value;
      if (now.kind !== 'on') return;
      const mineOf = ++asked;
      const nf = await engine.ready();
      const camera = await nf.cameras.update(now.camera.id, { [which]: area ?? null });
      const live = state.value;
      if (live.kind !== 'on' || live.source !== now.source || mineOf < shown) return;
      shown = mineOf;
      show(nf, now.source, camera, ending);
    },
  };
}

async function webcams(): Promise<readonly MediaDeviceInfo[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return all.filter((device) => device.kind === 'videoinput');
}

function cameraEnded(): Error {
  return new DOMException('The camera ended', 'AbortError');
}

/** Why a session ended; nothing if the page has ended it. */
async function endOf(watched: Promise<void>, signal: AbortSignal): Promise<unknown> {
  const error = await watched.then(cameraEnded, (caught: unknown) => caught);
  return signal.aborted ? undefined : error;
}

/** Tells the size of a video's picture whenever it is known or changes. */
function onSize(video: HTMLVideoElement, signal: AbortSignal, tell: (size: PictureSize) => void): void {
  const measure = (): void => {
    if (video.videoWidth > 0) tell({ width: video.videoWidth, height: video.videoHeight });
  };
  measure();
  video.addEventListener('resize', measure, { signal });
}

function choiceOf(kind: SourceChoice['kind'], deviceId: string, file: File | undefined): SourceChoice {
  if (kind === 'sample') return { kind };
  if (kind === 'webcam') return { kind, deviceId };
  if (!file) throw new Error('Choose a video file first');
  return { kind, file };
}

/** The record of a source's camera; made the first time. */
async function cameraOf(nf: NearFace, { key, name }: CameraSource): Promise<Camera> {
  const cameras = await nf.cameras.list();
  const known = cameras.find(
    ({ deviceId, url }) => (key.deviceId && deviceId === key.deviceId) || (key.url && url === key.url),
  );
  return known ?? nf.cameras.create({ ...key, meta: name });
}
