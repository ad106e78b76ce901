/** Runs in the page: a camera that films people who come and go, watched for as long as it is asked for. */
import type { NearFace, VideoEvent, VideoSession, VideoStats } from '../../src/index.ts';
import { startLibrary } from '../library-in-page.ts';
import { SceneDrawer } from '../video/draw-scene.ts';
import { paintBackground, samplePeople } from '../video/sample-people.ts';
import { scenes } from '../video/scene-list.ts';
import { frameCount } from '../video/scenes.ts';

/** What the session told, counted. */
export interface SoakCounts {
  readonly events: Readonly<Record<string, number>>;
  /** Tracks that were told to have appeared and not to have been lost. */
  readonly open: number;
  /** Tracks that were lost twice, or without having appeared; events of tracks that were lost before. */
  readonly strays: number;
  readonly droppedTold: number;
  readonly stats: VideoStats;
}

/** The frames of the camera. */
export interface FrameCounts {
  /** That the page took from the camera. */
  readonly taken: number;
  /** Of them, those that were sent to the worker; closed here; still open here. */
  readonly sent: number;
  readonly closed: number;
  readonly open: number;
}

const [WIDTH, HEIGHT, FPS] = [640, 480, 25];

/** Counts the frames that the page reads, without keeping any alive. */
class FrameCounter {
  readonly #open = new Set<VideoFrame>();
  #taken = 0;
  #closed = 0;
  #sent = 0;

  constructor() {
    const { ReadableStreamDefaultReader: Reader, VideoFrame: Frame } = globalThis;
    const [read, close] = [Reader.prototype.read, Frame.prototype.close];
    const opened = (frame: VideoFrame): void => {
      this.#taken++;
      this.#open.add(frame);
    };
    const shut = (frame: VideoFrame): void => {
      if (frame.codedWidth > 0 && this.#open.delete(frame)) this.#closed++;
    };
    Reader.prototype.read = async function (this: ReadableStreamDefaultReader) {
      const result = await read.call(this);
      if (result.value instanceof Frame) opened(result.value);
      return result;
    };
    Frame.prototype.close = function (this: VideoFrame) {
      shut(this);
      close.call(this);
    };
  }

  get counts(): FrameCounts {
    // What was sent away has no size here any more.
    for (const frame of this.#open) {
      if (frame.codedWidth > 0) continue;
      this.#open.delete(frame);
      this.#sent++;
    }
    return { taken: this.#taken, sent: this.#sent, closed: this.#closed, open: this.#open.size };
  }
}

class EventCounter {
  readonly #events: Record<string, number> = {};
  readonly #open = new Set<number>();
  #strays = 0;
  #droppedTold = 0;

  add(event: VideoEvent): void {
    this.#events[event.type] = (this.#events[event.type] ?? 0) + 1;
    if (event.type === 'dropped') this.#droppedTold += event.frames;
    if (event.type === 'appeared') {
      if (this.#open.has(event.trackId)) this.#strays++;
      this.#open.add(event.trackId);
    } else if (event.type === 'lost') {
      if (!this.#open.delete(event.trackId)) this.#strays++;
    } else if (event.type === 'best-shot' && !this.#open.has(event.trackId)) this.#strays++;
  }

  counts(stats: VideoStats): SoakCounts {
    const [open, strays, droppedTold] = [this.#open.size, this.#strays, this.#droppedTold];
    return { events: { ...this.#events }, open, strays, droppedTold, stats };
  }
}

/** What the Node side calls. */
export class SoakPage {
  readonly #frames = new FrameCounter();
  readonly #events = new EventCounter();
  #nf: NearFace | undefined;
  #session: VideoSession | undefined;
  #reading: Promise<void> = Promise.resolve();
  #stopCamera: () => void = () => undefined;

  async prepare(): Promise<void> {
    this.#nf = await startLibrary();
  }

  async start(): Promise<void> {
    const nf = this.#nf!;
    const { people, heads } = await samplePeople(nf, '/photos/');
    const gallery = await nf.galleries.get('default');
    const [known] = people;
    const [head] = heads[known ?? ''] ?? [];
    if (known !== undefined && head) await gallery.add(head.photo, { meta: known, boxes: [head.face] });
    const all = scenes({ people, seed: 7, width: WIDTH, height: HEIGHT });
    const backgrounds = [0, 1, 2, 3].map(paintBackground);
    const drawers = all.map((scene) => new SceneDrawer(scene, { heads, backgrounds }));
    const lengths = all.map(frameCount);
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    const picture = new OffscreenCanvas(WIDTH, HEIGHT);
    const [context, shown] = [picture.getContext('2d')!, canvas.getContext('2d')!];
    const started = performance.now();
    const draw = (): void => {
      let frame = Math.floor(((performance.now() - started) * FPS) / 1000) % whole;
      let scene = 0;
      while (frame >= lengths[scene]!) frame -= lengths[scene++]!;
      drawers[scene]!.draw(context, frame);
      shown.drawImage(picture, 0, 0);
    };
    draw();
    const timer = setInterval(draw, 1000 / FPS);
    const stream = canvas.captureStream(FPS);
    this.#stopCamera = () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
    };
    const session = nf.watch(stream, { people: 'auto', global: true, keep: 'crops', refreshMs: 2000 });
    this.#session = session;
    this.#reading = (async () => {
      for await (const event of session) this.#events.add(event);
    })();
  }

  /** Bytes of the page and its workers, once what nobody needs was collected. */
  async memory(): Promise<number> {
    const { bytes } = await (
      performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }> }
    ).measureUserAgentSpecificMemory();
    return bytes;
  }

  get counts(): { readonly session: SoakCounts; readonly frames: FrameCounts } {
    return { session: this.#events.counts(this.#session!.stats), frames: this.#frames.counts };
  }

  /** Ends the session, reads its last events, and counts what lies in the history. */
  async stop(): Promise<{
    readonly session: SoakCounts;
    readonly frames: FrameCounts;
    readonly sightings: number;
  }> {
    await this.#session!.stop();
    await this.#reading;
    this.#stopCamera();
    const { sightings } = (await this.#nf!.storage.usage()).people;
    return { ...this.counts, sightings };
  }
}

(globalThis as { soakPage?: SoakPage }).soakPage = new SoakPage();
