/** Runs in the page: faces followed over time, through images in a row, a camera, and a file. */
import type { NearFace, VideoEvent, WatchOptions } from '../../src/index.ts';
import { SceneDrawer } from '../video/draw-scene.ts';
import { renderClip } from '../video/render-clip.ts';
import { paintBackground, type SamplePeople, samplePeople } from '../video/sample-people.ts';
import { scenes } from '../video/scene-list.ts';
import { frameCount, type Scene } from '../video/scenes.ts';
import { check, create, equal, library, skip, type Steps } from './step.ts';

const DATABASE = 'engines-watch';
/** Of the scene of people who cross; all of them are in the picture by then. */
const FRAMES = 50;

let nf: NearFace;
let sample: SamplePeople;
let scene: Scene;
let drawer: SceneDrawer;

async function told(
  source: Parameters<NearFace['watch']>[0],
  options: WatchOptions,
  until = (_: VideoEvent): boolean => false,
): Promise<VideoEvent[]> {
  const events: VideoEvent[] = [];
  const session = nf.watch(source, options);
  for await (const event of session) {
    events.push(event);
    if (until(event)) void session.stop();
  }
  return events;
}

const countOf = (events: readonly VideoEvent[], type: VideoEvent['type']): number =>
  events.filter((event) => event.type === type).length;

function* pictures(): Generator<HTMLCanvasElement> {
  const picture = new OffscreenCanvas(scene.width, scene.height);
  for (let frame = 0; frame < Math.min(FRAMES, frameCount(scene)); frame++) {
    drawer.draw(picture.getContext('2d')!, frame);
    const { width, height } = scene;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')!.drawImage(picture, 0, 0);
    yield canvas;
  }
}

function expectFollowed(events: readonly VideoEvent[], what: string): void {
  const appeared = countOf(events, 'appeared');
  check(appeared > 0, `${what}: nobody appeared`);
  equal(countOf(events, 'lost'), appeared, `${what}: tracks that ended`);
  equal(countOf(events, 'sighted'), countOf(events, 'best-shot'), `${what}: reports that were noted`);
  for (const event of events)
    if (event.type === 'sighted')
      check(event.sighting?.personId, `${what}: a report of nobody: ${JSON.stringify(event.error)}`);
  equal(events.at(-1)?.type, 'ended', `${what}: the last event`);
}

export const watchSteps: Steps = [
  [
    'watch: the people that move',
    async () => {
      if (typeof OffscreenCanvas === 'undefined') skip('the engine has no OffscreenCanvas to draw on');
      await library.NearFace.erase({ database: DATABASE });
      nf = await create(DATABASE);
      // Few: the slowest engine takes seconds for each.
      sample = await samplePeople(nf, '/photos/', [1, 2]);
      const { people, heads } = sample;
      scene = scenes({ people, seed: 7, pace: 0.75 }).find(({ name }) => name === 'crossing')!;
      drawer = new SceneDrawer(scene, { heads, backgrounds: [0, 1, 2, 3].map(paintBackground) });
    },
  ],
  [
    'watch: images in a row, with people noted in the history',
    async () => {
      const events = await told(pictures(), { people: 'auto', minShotScore: 0, cameraId: 'door' });
      expectFollowed(events, 'images');
      const { sightings } = await nf.history.search({ cameraIds: ['door'] });
      equal(sightings.length, countOf(events, 'best-shot'), 'sightings');
    },
  ],
  [
    'watch: a camera',
    async () => {
      const { width, height } = scene;
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      if (typeof canvas.captureStream !== 'function') skip('the engine makes no streams of canvases');
      const picture = new OffscreenCanvas(width, height);
      let frame = 0;
      const draw = (): void => {
        drawer.draw(picture.getContext('2d')!, frame++ % FRAMES);
        canvas.getContext('2d')!.drawImage(picture, 0, 0);
      };
      draw();
      const timer = setInterval(draw, 100);
      const stream = canvas.captureStream(10);
      try {
        const options: WatchOptions = { people: 'auto', minShotScore: 0 };
        const events = await told(stream, options, ({ type }) => type === 'sighted');
        expectFollowed(events, 'camera');
      } finally {
        clearInterval(timer);
        for (const track of stream.getTracks()) track.stop();
      }
    },
  ],
  [
    'watch: a file',
    async () => {
      if (typeof VideoEncoder === 'undefined') skip('the engine has no WebCodecs to make a file with');
      const { width, height, fps } = scene;
      const draw = (context: OffscreenCanvasRenderingContext2D, frame: number): void =>
        drawer.draw(context, frame);
      let clip: Blob;
      try {
        clip = await renderClip({ frames: FRAMES, fps, width, height, draw });
      } catch (error) {
        return skip(`the engine encodes no video: ${String(error)}`);
      }
      const first = await told(clip, { people: 'auto', minShotScore: 0 });
      expectFollowed(first, 'file');
      const ended = first.at(-1);
      equal(ended?.type === 'ended' && ended.stats.processed, FRAMES, 'frames');
    },
  ],
  ['watch: the end', async () => void (await nf?.dispose())],
];
