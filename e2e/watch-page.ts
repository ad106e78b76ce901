/** Runs in the page: makes clips of the sample photos' people, and follows them. */
import type { VideoEvent, VideoStats, WatchOptions } from '../src/index.ts';
import { type HeadPhoto, SceneDrawer } from '../tools/video/draw-scene.ts';
import { renderClip, type ClipOptions } from '../tools/video/render-clip.ts';
import { scenes } from '../tools/video/scene-list.ts';
import { frameCount, type Scene } from '../tools/video/scenes.ts';

/** A scene's people are cut out of photos where their faces have so many pixels. */
const LEAST_FACE = 70;

/** An event as it crosses to the test: blobs by their size, vectors by their sum. */
export type PlainEvent = Readonly<Record<string, unknown>> & { readonly type: VideoEvent['type'] };

/** What a session told. */
export interface Told {
  readonly events: readonly PlainEvent[];
  readonly stats: VideoStats;
}

const heads: Record<string, readonly HeadPhoto[]> = {};
const clips = new Map<string, Blob>();
let backgrounds: OffscreenCanvas[] = [];

/** Finds the people of the sample photos, and enrols the first `known` of them. */
async function prepare(known: number): Promise<string[]> {
  for (let sample = 1; sample <= 6; sample++) {
    const photo = await (await fetch(`/photos/sample${sample}.jpg`)).blob();
    const bitmap = await createImageBitmap(photo);
    const { faces } = await window.nf.embed(photo);
    for (const [i, { position }] of faces.entries())
      if (position.width >= LEAST_FACE)
        heads[`sample ${sample} face ${i}`] = [{ photo: bitmap, face: position }];
  }
  const people = await distinct(Object.keys(heads));
  const gallery = await window.nf.galleries.get('default');
  for (const person of people.slice(0, known)) {
    const [head] = heads[person]!;
    await gallery.add(head!.photo, { meta: person, boxes: [head!.face] });
  }
  backgrounds = [0, 1, 2, 3].map(paint);
  return people;
}

/** Some people are in several photos. */
async function distinct(names: readonly string[]): Promise<string[]> {
  const kept: { name: string; embedding: Float32Array }[] = [];
  for (const name of names) {
    const [head] = heads[name]!;
    const { faces } = await window.nf.embed(head!.photo, { boxes: [head!.face] });
    const { embedding } = faces[0]!;
    const cosine = (other: Float32Array): number =>
      other.reduce((sum, value, i) => sum + value * embedding![i]!, 0);
    if (kept.every((other) => cosine(other.embedding) < 0.3)) kept.push({ name, embedding: embedding! });
  }
  return kept.map(({ name }) => name);
}

/** A background without faces. */
function paint(seed: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(480, 360);
  const context = canvas.getContext('2d')!;
  const gradient = context.createLinearGradient(0, 0, 480, 360);
  gradient.addColorStop(0, `hsl(${seed * 80} 25% 70%)`);
  gradient.addColorStop(1, `hsl(${seed * 80 + 60} 30% 35%)`);
  context.fillStyle = gradient;
  context.fillRect(0, 0, 480, 360);
  for (let i = 0; i < 40; i++) {
    context.fillStyle = `hsl(${(i * 47 + seed * 90) % 360} 20% ${30 + ((i * 13) % 50)}%)`;
    context.fillRect((i * 97 + seed * 31) % 480, (i * 61) % 360, 12 + ((i * 7) % 40), 8 + ((i * 11) % 30));
  }
  return canvas;
}

/** Makes the clip of a scene, once. */
async function clip(
  people: readonly string[],
  name: string,
  options: Partial<ClipOptions> = {},
): Promise<Scene> {
  const scene = scenes({ people, seed: 7, pace: 0.75 }).find((one) => one.name === name)!;
  if (clips.has(name)) return scene;
  const drawer = new SceneDrawer(scene, { heads, backgrounds });
  const { width, height, fps } = scene;
  const frames = frameCount(scene);
  const draw: ClipOptions['draw'] = (context, frame) => drawer.draw(context, frame);
  clips.set(name, await renderClip({ frames, fps, width, height, draw, ...options }));
  return scene;
}

/** Follows a clip to its end. */
async function follow(name: string, options: WatchOptions): Promise<Told> {
  return tell(window.nf.watch(clips.get(name)!, options));
}

async function tell(session: ReturnType<typeof window.nf.watch>): Promise<Told> {
  const events: PlainEvent[] = [];
  for await (const event of session) events.push(plain(event) as PlainEvent);
  return { events, stats: session.stats };
}

function plain(value: unknown): unknown {
  if (value instanceof Blob) return { bytes: value.size, mediaType: value.type };
  if (value instanceof Float32Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** A scene as a camera gives it: the canvas is drawn at its own speed, again and again, until `times` events of a type were told. */
async function live(
  people: readonly string[],
  name: string,
  options: WatchOptions,
  until: VideoEvent['type'],
  times = 1,
): Promise<Told & { readonly faces: number; readonly overlay: readonly number[] }> {
  const scene = scenes({ people, seed: 7, pace: 0.75 }).find((one) => one.name === name)!;
  const drawer = new SceneDrawer(scene, { heads, backgrounds });
  const { width, height, fps } = scene;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const frame = new OffscreenCanvas(width, height);
  const context = frame.getContext('2d')!;
  const started = performance.now();
  const draw = (): void => {
    const k = Math.floor(((performance.now() - started) * fps) / 1000) % frameCount(scene);
    drawer.draw(context, k);
    canvas.getContext('2d')!.drawImage(frame, 0, 0);
  };
  draw();
  const timer = setInterval(draw, 1000 / fps);
  const stream = canvas.captureStream(fps);
  const session = window.nf.watch(stream, options);
  const video = Object.assign(document.createElement('video'), { muted: true });
  video.srcObject = session.overlayStream({ width: 320, height: 240 });
  void video.play();
  const events: PlainEvent[] = [];
  let [faces, left] = [0, times];
  for await (const event of session) {
    events.push(plain(event) as PlainEvent);
    faces = Math.max(faces, session.faces.length);
    if (event.type === until && --left === 0) void session.stop();
  }
  clearInterval(timer);
  for (const track of stream.getTracks()) track.stop();
  const shown = new OffscreenCanvas(320, 240).getContext('2d')!;
  shown.drawImage(video, 0, 0);
  const pixels = [...shown.getImageData(160, 120, 8, 1).data];
  return { events, stats: session.stats, faces, overlay: pixels };
}

/** What the test calls. */
export interface WatchPage {
  readonly prepare: typeof prepare;
  readonly clip: typeof clip;
  readonly follow: typeof follow;
  readonly live: typeof live;
  readonly clips: typeof clips;
}

(globalThis as { watchPage?: WatchPage }).watchPage = { prepare, clip, follow, live, clips };
