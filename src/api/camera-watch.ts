import { badParam, type ErrorCode, NearFaceError } from '../core/errors.ts';
import { abortSignal, callback, integer, resolveOptions } from '../core/options.ts';
import type { Camera } from '../core/people.ts';
import { untilAborted } from '../core/until-aborted.ts';
import { EventQueue } from '../video/event-queue.ts';
import type { VideoEvent } from '../video/events.ts';
import { ID } from './resolve-options.ts';
import { checkWatch } from './resolve-watch.ts';
import type { Session } from './session.ts';
import type { VideoInput } from './video-input.ts';
import { isDeath, MOST_DEATHS, type VideoSession } from './video-session.ts';
import { watch } from './watch.ts';
import type { WatchOptions } from './watch-options.ts';

/** Options of {@link Cameras.watchAll}. */
export interface WatchAllOptions {
  /** Cameras of this group alone. Default: all. */
  readonly group?: string;
  /** Most cameras at once, the first by id, 1..64. Default: 5. */
  readonly maxCameras?: number;
  /** Options of every camera's session; they win over what its record says. */
  readonly watch?: Omit<WatchOptions, 'cameraId' | 'signal'>;
  /**
   * Where a camera's pictures come from; what it answers stays the caller's to close. Default: the stream of its `deviceId`, which is asked
   * for and switched off afterwards, else its `url`.
   */
  readonly source?: (camera: Camera) => VideoInput | Promise<VideoInput>;
  /** Stops the sessions. */
  readonly signal?: AbortSignal;
}

/** A camera has come, or has gone again. */
export interface CameraChangedEvent {
  /** What happened. */
  readonly type: 'camera';
  /** `left`: its source has ended, or it was deleted, changed or is in another group now; `failed`: it could not be watched any further. */
  readonly change: 'joined' | 'left' | 'failed';
  /** Which one. */
  readonly cameraId: string;
  /** Its record, as its session began with it. */
  readonly camera: Camera;
  /** Why it failed. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** What {@link CameraWatch} tells: what each camera's session tells, and which cameras come and go. */
export type CameraEvent = (VideoEvent & { readonly cameraId: string }) | CameraChangedEvent;

/** What sessions on the cameras are started with. */
export interface CameraWatchParts {
  /** Calls back when a camera was made, changed or deleted here. Answers how to end that. */
  onChange(listener: () => void): () => void;
  list(group: string | undefined): Promise<readonly Camera[]>;
}

/** Other tabs change cameras too: it is looked for so often, in ms. */
const LOOK_EVERY_MS = 2000;
/** Files wait while so many events are unread. */
const MOST_UNREAD = 512;

interface Watched {
  readonly camera: Camera;
  readonly stopper: AbortController;
  readonly done: Promise<void>;
  session?: VideoSession;
}

/**
 * Watches all cameras, or those of a group, at once. An async iterable of the events of all of them, for one reader. Cameras that are added,
 * changed or deleted meanwhile come, start again and go; one whose source has ended or failed is left until its record changes.
 */
export class CameraWatch implements AsyncIterable<CameraEvent>, AsyncDisposable {
  readonly #session: Session;
  readonly #parts: CameraWatchParts;
  readonly #options: ResolvedWatchAll;
  readonly #events = new EventQueue<CameraEvent>();
  readonly #stopper = new AbortController();
  readonly #watched = new Map<string, Watched>();
  /** What a camera was like whose source has ended. */
  readonly #over = new Map<string, Camera>();
  readonly #running: Promise<void>;
  #wake: () => void = () => undefined;
  #isNews = false;

  /** @internal */
  constructor(session: Session, parts: CameraWatchParts, options: ResolvedWatchAll) {
    this.#session = session;
    this.#parts = parts;
    this.#options = options;
    const { signal } = options;
    const stop = (): void => this.#stopper.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    this.#running = this.#run().finally(() => signal?.removeEventListener('abort', stop));
  }

  /** The sessions that run, by their cameras' ids. */
  get sessions(): ReadonlyMap<string, VideoSession> {
    const running = [...this.#watched].flatMap(([id, { session }]) =>
      session ? [[id, session] as const] : [],
    );
    return new Map(running);
  }

  /** Ends all sessions; their last events can still be read. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopper.abort();
    await this.#running;
  }

  /** The same as {@link CameraWatch.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The events, for one reader. Leaving a loop over them stops all sessions. */
  [Symbol.asyncIterator](): AsyncIterator<CameraEvent, undefined> {
    return {
      next: () => this.#events.next(),
      return: async () => {
        await this.stop();
        return { done: true, value: undefined };
      },
    };
  }

  /** Never rejects: what fails is told to the reader. */
  async #run(): Promise<void> {
    const { signal } = this.#stopper;
    const stop = (): void => this.#look();
    signal.addEventListener('abort', stop);
    const unsubscribe = this.#parts.onChange(() => this.#look());
    let failure: { readonly error: unknown } | undefined;
    try {
      for (let deaths = 0; !signal.aborted;) {
        this.#isNews = false;
        try {
          this.#follow(await this.#parts.list(this.#options.group));
          deaths = 0;
        } catch (error) {
          // It is started again when the cameras are asked for next; those that are watched go on.
          if (!isDeath(error) || ++deaths >= MOST_DEATHS) throw error;
        }
        await this.#untilNews();
      }
    } catch (error) {
      failure = { error };
    }
    unsubscribe();
    signal.removeEventListener('abort', stop);
    this.#stopper.abort();
    const watched = [...this.#watched.values()];
    for (const { stopper } of watched) stopper.abort();
    await Promise.all(watched.map(({ done }) => done));
    if (failure) this.#events.fail(failure.error);
    else this.#events.end();
  }

  /** Ends and starts sessions as the cameras now are. */
  #follow(cameras: readonly Camera[]): void {
    const wanted = new Map(cameras.map((camera) => [camera.id, camera]));
    for (const [id, { camera, stopper }] of this.#watched)
      if (isOther(camera, wanted.get(id))) stopper.abort();
    for (const [id, camera] of this.#over) if (isOther(camera, wanted.get(id))) this.#over.delete(id);
    for (const camera of cameras) {
      if (this.#watched.size >= this.#options.maxCameras || this.#stopper.signal.aborted) break;
      if (!this.#watched.has(camera.id) && !this.#over.has(camera.id)) this.#start(camera);
    }
  }

  #start(camera: Camera): void {
    const { id } = camera;
    const stopper = new AbortController();
    const watched: Watched = { camera, stopper, done: Promise.resolve().then(() => this.#watch(watched)) };
    this.#watched.set(id, watched);
  }

  async #watch(watched: Watched): Promise<void> {
    const { camera, stopper } = watched;
    const { id: cameraId } = camera;
    let release = (): void => undefined;
    const about = { type: 'camera', cameraId, camera } as const;
    try {
      const opened = await untilStopped(this.#open(camera), stopper.signal);
      if (!opened) return;
      release = opened.close;
      const options = { ...this.#options.watch, cameraId, signal: stopper.signal };
      watched.session = watch(this.#session, opened.source, options);
      this.#events.push({ ...about, change: 'joined' });
      for await (const event of watched.session) {
        this.#events.push({ ...event, cameraId });
        if (watched.session.source?.kind !== 'live')
          await this.#events.untilFewerThan(MOST_UNREAD, stopper.signal);
      }
      this.#events.push({ ...about, change: 'left' });
    } catch (error) {
      const { code, message } = NearFaceError.from(
        error,
        'BACKEND_UNAVAILABLE',
        'The camera cannot be watched',
      );
      this.#events.push({ ...about, change: 'failed', error: { code, message } });
    } finally {
      release();
      this.#watched.delete(cameraId);
      if (!stopper.signal.aborted) this.#over.set(cameraId, camera);
      this.#look();
    }
  }

  async #open(camera: Camera): Promise<{ readonly source: unknown; close(): void }> {
    const { source } = this.#options;
    const close = (): void => undefined;
    if (source) return { source: await source(camera), close };
    const { deviceId, url } = camera;
    if (deviceId !== undefined) {
      const { stream, stop } = await this.#session.host.openCamera(deviceId);
      return { source: stream, close: stop };
    }
    if (url !== undefined) return { source: url, close };
    throw badParam(
      'camera',
      camera.id,
      'one with a deviceId or a url, or options.source must say what to watch',
    );
  }

  #look(): void {
    this.#isNews = true;
    this.#wake();
  }

  async #untilNews(): Promise<void> {
    if (this.#isNews) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A source that is opened; nothing where it is wanted no more, and it is let go of whenever it comes. */
async function untilStopped<Source extends { close(): void }>(
  opening: Promise<Source>,
  signal: AbortSignal,
): Promise<Source | undefined> {
  try {
    return await untilAborted(opening, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    opening.then(
      (source) => source.close(),
      () => undefined,
    );
    return undefined;
  }
}

/** Whether a session on a camera has to begin anew: a name alone changes nothing. */
function isOther({ meta: _, group: _group, ...before }: Camera, now: Camera | undefined): boolean {
  if (!now) return true;
  const { meta: _meta, group: _new, ...after } = now;
  return JSON.stringify(sorted(before)) !== JSON.stringify(sorted(after));
}

const sorted = (record: object): unknown[] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

type ResolvedWatchAll = WatchAllOptions & { readonly maxCameras: number };

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveWatchAll(raw: unknown): ResolvedWatchAll {
  const fields = {
    group: ID,
    maxCameras: integer(1, 64),
    watch: (value: unknown, path: string) => {
      const checked = checkWatch(value, path);
      for (const name of ['cameraId', 'signal'] as const)
        if (checked[name] !== undefined)
          throw badParam(`${path}.${name}`, checked[name], 'left out: it is given to each session');
      return checked;
    },
    source: callback<NonNullable<WatchAllOptions['source']>>(),
    signal: abortSignal,
  };
  return resolveOptions<WatchAllOptions, { maxCameras: number }>(raw, 'options', fields, { maxCameras: 5 });
}
