/** Runs in the page: a camera that films three people, watched by the built library, or looked at by Human in a loop. */
import type { NearFace } from '../../src/index.ts';
import { startLibrary } from '../../tools/library-in-page.ts';
import { SceneDrawer } from '../../tools/video/draw-scene.ts';
import { paintBackground, samplePeople } from '../../tools/video/sample-people.ts';
import { scenes } from '../../tools/video/scene-list.ts';
import { frameCount } from '../../tools/video/scenes.ts';
import { startHuman } from './human.ts';

/** What is filmed. */
export interface Filmed {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** The same picture all the time, with the noise of none. */
  readonly isStill: boolean;
}

/** How it was kept up with. */
export interface Kept {
  readonly seconds: number;
  /** That the camera gave. */
  readonly shown: number;
  readonly processed: number;
  readonly dropped: number;
  /** From a frame to its answer, in ms. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Tracks, or faces found in the mean frame. */
  readonly faces: number;
  /** Of the browser's processes, in those seconds. */
  readonly cpuSeconds: number;
}

/** Seconds of CPU that the browser's processes have used: told by the Node side. */
declare const cpuSeconds: () => Promise<number>;

/** Until models are warm, first faces are measured, and a still scene is known to be still. */
const SETTLE_SECONDS = 3;

interface Processors {
  readonly MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack }) => {
    readonly readable: ReadableStream<VideoFrame>;
  };
}

/** The frame of a still scene: all three people are in the picture. */
const STILL_FRAME = 30;

/** What the Node side calls. */
export class LivePage {
  #nf: NearFace | undefined;
  #sample: Awaited<ReturnType<typeof samplePeople>> | undefined;

  async prepare(): Promise<void> {
    this.#nf = await startLibrary();
    this.#sample = await samplePeople(this.#nf, '/photos/');
  }

  /** A canvas that shows the scene at its own speed; it tells how many frames it has shown. */
  #film({ width, height, fps, isStill }: Filmed): {
    readonly canvas: HTMLCanvasElement;
    shown(): number;
    stop(): void;
  } {
    const { people, heads } = this.#sample!;
    const scene = scenes({ people, seed: 7, width, height }).find(({ name }) => name === 'crossing')!;
    const drawer = new SceneDrawer(scene, { heads, backgrounds: [0, 1, 2, 3].map(paintBackground) });
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    // As a camera's, its pictures have no transparent parts.
    const context = canvas.getContext('2d', { alpha: false })!;
    // Drawn before, so that filming costs the same whoever watches: a copy.
    const pictures = Array.from({ length: isStill ? 1 : Math.min(75, frameCount(scene)) }, (_, frame) => {
      const picture = new OffscreenCanvas(width, height);
      drawer.draw(picture.getContext('2d')!, isStill ? STILL_FRAME : frame);
      return picture;
    });
    let shown = 0;
    const draw = (): void => {
      // There and back, so that nothing jumps.
      const at = shown++ % Math.max(1, 2 * pictures.length - 2);
      const picture = pictures[at < pictures.length ? at : 2 * pictures.length - 2 - at]!;
      context.drawImage(picture, 0, 0);
    };
    draw();
    const timer = setInterval(draw, 1000 / fps);
    return { canvas, shown: () => shown, stop: () => clearInterval(timer) };
  }

  /** Nobody looks: the frames are read and closed, which tells what the camera itself takes. */
  async nobody(filmed: Filmed, seconds: number): Promise<Kept> {
    const film = this.#film(filmed);
    const stream = film.canvas.captureStream(filmed.fps);
    const [track] = stream.getVideoTracks();
    const { readable } = new (globalThis as unknown as Processors).MediaStreamTrackProcessor({
      track: track!,
    });
    let read = 0;
    const reading = readable.pipeTo(
      new WritableStream({ write: (frame: VideoFrame) => (read++, frame.close()) }),
    );
    await wait(SETTLE_SECONDS);
    const [readBefore, shownBefore, started] = [read, film.shown(), performance.now()];
    const cpuBefore = await cpuSeconds();
    await wait(seconds);
    const [shown, ended] = [film.shown() - shownBefore, performance.now()];
    const [processed, cpu] = [read - readBefore, (await cpuSeconds()) - cpuBefore];
    film.stop();
    track!.stop();
    await reading;
    const counts = { shown, processed, dropped: Math.max(0, shown - processed), cpuSeconds: cpu };
    return { seconds: (ended - started) / 1000, ...counts, medianMs: 0, p95Ms: 0, faces: 0 };
  }

  async watch(filmed: Filmed, seconds: number): Promise<Kept> {
    const film = this.#film(filmed);
    const stream = film.canvas.captureStream(filmed.fps);
    const session = this.#nf!.watch(stream);
    const reading = (async () => {
      for await (const event of session) void event;
    })();
    await session.opened;
    await wait(SETTLE_SECONDS);
    const [before, shownBefore, started] = [session.stats, film.shown(), performance.now()];
    const cpuBefore = await cpuSeconds();
    await wait(seconds);
    const [stats, shown, ended] = [session.stats, film.shown(), performance.now()];
    const cpu = (await cpuSeconds()) - cpuBefore;
    await session.stop();
    await reading;
    film.stop();
    for (const track of stream.getTracks()) track.stop();
    return {
      seconds: (ended - started) / 1000,
      shown: shown - shownBefore,
      processed: stats.processed - before.processed,
      dropped: stats.dropped - before.dropped,
      medianMs: stats.latencyMs.median,
      p95Ms: stats.latencyMs.p95,
      faces: stats.tracks,
      cpuSeconds: cpu,
    };
  }

  /** Human's detect loop: the canvas as it is when it has done with the one before, but never the same frame twice. */
  async human(filmed: Filmed, seconds: number): Promise<Kept> {
    const detect = await startHuman(4);
    const film = this.#film(filmed);
    for (let i = 0; i < 3; i++) await detect(film.canvas);
    const times: number[] = [];
    const cpuBefore = await cpuSeconds();
    const [shownBefore, started] = [film.shown(), performance.now()];
    let [last, faces] = [shownBefore, 0];
    while (performance.now() - started < seconds * 1000) {
      const now = film.shown();
      if (now === last) {
        await wait(0.001);
        continue;
      }
      last = now;
      const begun = performance.now();
      faces += await detect(film.canvas);
      times.push(performance.now() - begun);
      // The camera's timer has its turn.
      await wait(0);
    }
    const [shown, ended] = [film.shown() - shownBefore, performance.now()];
    const cpu = (await cpuSeconds()) - cpuBefore;
    film.stop();
    times.sort((a, b) => a - b);
    const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0;
    return {
      seconds: (ended - started) / 1000,
      shown,
      processed: times.length,
      dropped: Math.max(0, shown - times.length),
      ...{ medianMs: at(0.5), p95Ms: at(0.95), faces: faces / Math.max(1, times.length), cpuSeconds: cpu },
    };
  }
}

const wait = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000));

(globalThis as { livePage?: LivePage }).livePage = new LivePage();
