/** Runs in the page: makes clips of people with known ways, and follows them with the built library. */
import { ALL_FORMATS, BlobSource, CanvasSink, Input } from 'mediabunny';
import type { Box, NearFace, VideoEvent } from '../../src/index.ts';
import { startLibrary } from '../../tools/library-in-page.ts';
import { type HeadPhoto, SceneDrawer } from '../../tools/video/draw-scene.ts';
import { renderClip } from '../../tools/video/render-clip.ts';
import { scenes } from '../../tools/video/scene-list.ts';
import { frameCount } from '../../tools/video/scenes.ts';
import { startHuman } from './human.ts';
import type {
  FoundFace,
  Likeness,
  Person,
  ReadyPerson,
  SceneId,
  SeenFace,
  Speed,
  Watched,
} from './page-types.ts';

/** Chromium's encoder of H.264 shares a frame out by how long its threads took, so that no two clips of a scene are the same; VP9's are. */
const CODEC = 'vp9';
/** A face's likeness to the enrolled photos is measured in every so many-th frame, and in those of the best shots. */
const LIKENESS_EVERY = 5;
/** Where best shots are judged. */
const LIKENESS_EVERY_OF_ONE_PHOTO = 2;
/** As the follower searches whole frames. */
const WHOLE = { mode: 'accurate', minFaceSize: 'auto', minScore: 0.5 } as const;

type Picture = OffscreenCanvas | HTMLCanvasElement;
type Embedding = Float32Array;

/** A best shot that was told of. */
interface Reported {
  readonly trackId: number;
  readonly frame: number;
  readonly box: Box;
}

/** What the Node side calls. */
export class VideoPage {
  #library: NearFace | undefined;
  readonly #heads: Record<string, HeadPhoto[]> = {};
  readonly #enrolled: Embedding[] = [];
  /** Of the photos that people are shown in first. */
  readonly #shown: Embedding[] = [];
  #backgrounds: readonly ImageBitmap[] = [];
  readonly #clips = new Map<string, Blob>();

  get #nf(): NearFace {
    if (!this.#library) throw new Error('the page has not been prepared');
    return this.#library;
  }

  /** Starts the library, enrols those who are known, and leaves out people of whom a photo has no face, or several. */
  async prepare(people: readonly Person[], backgrounds: readonly string[]): Promise<ReadyPerson[]> {
    this.#backgrounds = await Promise.all(backgrounds.map((name) => bitmap(`/backgrounds/${name}`)));
    const nf = (this.#library = await startLibrary());
    const gallery = await nf.galleries.get('default');
    const ready: ReadyPerson[] = [];
    for (const { name, enrolled, looks, isKnown } of people) {
      const [first, ...heads] = await Promise.all([enrolled, ...looks].map((photo) => this.#head(photo)));
      if (!first || heads.some((head) => !head)) continue;
      const { faces } = await nf.embed(first.photo, { boxes: [first.face] });
      this.#enrolled.push(faces[0]!.embedding!);
      this.#heads[name] = heads as HeadPhoto[];
      const shown = await nf.embed(heads[0]!.photo, { boxes: [heads[0]!.face] });
      this.#shown.push(shown.faces[0]!.embedding!);
      if (isKnown) await gallery.add(first.photo, { meta: name, boxes: [first.face] });
      const shapes = this.#heads[name].map(({ face: { width, height } }) => {
        const side = Math.max(width, height);
        return [width / side, height / side] as const;
      });
      ready.push({ name, isKnown, shapes });
    }
    return ready;
  }

  async #head(name: string): Promise<HeadPhoto | undefined> {
    const photo = await bitmap(`/photos/${name}`);
    const { faces } = await this.#nf.detect(photo);
    const [one, ...others] = faces;
    return one && others.length === 0 ? { photo, face: one.position } : undefined;
  }

  /** Draws and encodes a scene's clip, once. */
  async #clip({ people, seed, name, width, height }: SceneId): Promise<Blob> {
    const key = JSON.stringify([people, seed, name, width, height]);
    const made = this.#clips.get(key);
    if (made) return made;
    const scene = scenes({ people, seed, width, height }).find((one) => one.name === name);
    if (!scene) throw new Error(`no scene ${name}`);
    const drawer = new SceneDrawer(scene, { heads: this.#heads, backgrounds: this.#backgrounds });
    const draw = (context: OffscreenCanvasRenderingContext2D, frame: number): void =>
      drawer.draw(context, frame);
    const frames = frameCount(scene);
    const clip = await renderClip({ frames, fps: scene.fps, width, height, draw, codec: CODEC });
    this.#clips.set(key, clip);
    return clip;
  }

  /**
   * Follows a scene. Its decoded frames are given one by one, so that what the session says after a frame is known to be of it: the
   * next is asked for when the one before was looked at.
   */
  async watchScene(id: SceneId, withFound: boolean): Promise<Watched> {
    const clip = await this.#clip(id);
    const { onePhoto } = scenes(id).find(({ name }) => name === id.name)!;
    const every = onePhoto ? LIKENESS_EVERY_OF_ONE_PHOTO : LIKENESS_EVERY;
    const { reported, ...watched } = await this.#watch(decoded(clip), 25, withFound, every);
    return { ...watched, shots: await this.#likenessesOf(reported, decoded(clip)) };
  }

  /** Of faces of some frames, measured as those of all frames are: −1 where no face can be made out. */
  async #likenessesOf(reported: readonly Reported[], pictures: AsyncIterable<Picture>): Promise<Likeness[]> {
    const likenesses: Likeness[] = [];
    let at = 0;
    for await (const picture of pictures) {
      for (const { trackId, frame, box } of reported.filter((shot) => shot.frame === at)) {
        const cosines = this.#enrolled.map(() => -1);
        likenesses.push({ trackId, frame, ...((await this.#likenessOf(picture, box)) ?? { cosines }) });
      }
      at++;
    }
    return likenesses;
  }

  async #watch(
    pictures: AsyncIterable<Picture>,
    fps: number,
    withFound: boolean,
    likenessEvery: number,
  ): Promise<Omit<Watched, 'shots'> & { readonly reported: readonly Reported[] }> {
    const nf = this.#nf;
    const faces: SeenFace[][] = [];
    const found: FoundFace[][] = [];
    const likenesses: Likeness[] = [];
    let given = 0;
    const after = async (picture: Picture): Promise<void> => {
      const frame = faces.length;
      const shown = session.faces.map(({ trackId, box, predicted }) => ({ id: trackId, box, predicted }));
      faces.push(shown);
      if (withFound) found.push(await this.#find(picture));
      if (frame % likenessEvery > 0) return;
      for (const { id, box } of shown.filter(({ predicted }) => !predicted)) {
        const likeness = await this.#likenessOf(picture, box);
        if (likeness) likenesses.push({ trackId: id, frame, ...likeness });
      }
    };
    async function* watched(): AsyncGenerator<Picture> {
      for await (const picture of pictures) {
        given++;
        yield picture;
        await after(picture);
      }
    }
    const session = nf.watch(watched(), { fps });
    const events: [told: number, VideoEvent][] = [];
    for await (const event of session) events.push([given - 1, event]);
    const reported = events.flatMap(([, event]) =>
      event.type === 'best-shot' ? [{ trackId: event.trackId, frame: event.frameIndex, box: event.box }] : [],
    );
    return {
      ...{ frames: faces.length, faces, ...toldOf(events), reported, likenesses },
      ...(withFound && { found }),
    };
  }

  async #find(picture: Picture): Promise<FoundFace[]> {
    const { faces } = await this.#nf.detect(picture, WHOLE);
    return faces.map(({ position, score }) => ({ box: position, score }));
  }

  /** Nothing where no face can be made out in the box, as at the picture's edge. */
  async #likenessOf(picture: Picture, box: Box): Promise<Pick<Likeness, 'cosines' | 'shown'> | undefined> {
    const { faces } = await this.#nf.embed(picture, { boxes: [box] });
    const embedding = faces[0]?.embedding;
    return (
      embedding && { cosines: cosines(this.#enrolled, embedding), shown: cosines(this.#shown, embedding) }
    );
  }

  /** Follows a file as it is. */
  async watchFile(url: string): Promise<Watched & { readonly first: number; readonly last: number }> {
    const clip = await (await fetch(url)).blob();
    const session = this.#nf.watch(clip);
    const events: [number, VideoEvent][] = [];
    for await (const event of session) events.push([0, event]);
    const found: boolean[] = [];
    for await (const picture of decoded(clip)) found.push((await this.#find(picture)).length > 0);
    const plain = { frames: found.length, faces: [], ...toldOf(events), shots: [], likenesses: [] };
    return { ...plain, first: found.indexOf(true), last: found.lastIndexOf(true) };
  }

  /** Follows a scene's file from its bytes to its last event. */
  async timeWatch(id: SceneId): Promise<Speed> {
    const clip = await this.#clip(id);
    const start = performance.now();
    const session = this.#nf.watch(clip);
    for await (const event of session) void event;
    const ms = performance.now() - start;
    const { processed, tracks, searches, looks, measured } = session.stats;
    return { frames: processed, seconds: processed / 25, ms, tracks, searches, looks, measured };
  }

  /** Human over `most` of the frames, evenly chosen; decoding is not counted. */
  async timeHuman(id: SceneId, most: number): Promise<{ frames: number; ms: number; faces: number }> {
    const detect = await startHuman(4);
    const pictures: Picture[] = [];
    for await (const picture of decoded(await this.#clip(id))) pictures.push(picture);
    const step = Math.max(1, Math.floor(pictures.length / most));
    const chosen = pictures.filter((_, i) => i % step === 0);
    for (const picture of chosen.slice(0, 3)) await detect(picture);
    const start = performance.now();
    let faces = 0;
    for (const picture of chosen) faces += await detect(picture);
    return { frames: chosen.length, ms: performance.now() - start, faces };
  }
}

function toldOf(events: readonly [number, VideoEvent][]): Pick<Watched, 'appeared' | 'lost' | 'names'> {
  return {
    appeared: events.flatMap(([told, event]) =>
      event.type === 'appeared'
        ? [{ trackId: event.trackId, frame: event.frameIndex, box: event.box, told }]
        : [],
    ),
    lost: events.flatMap(([, event]) => {
      if (event.type !== 'lost') return [];
      const { trackId, firstFrame, lastFrame, reason, same, matches } = event;
      const name = matches[0]?.record.meta;
      return [
        {
          trackId,
          firstFrame,
          lastFrame,
          reason,
          ...(same && { same }),
          ...(name !== undefined && { name }),
        },
      ];
    }),
    names: events.flatMap(([, event]) => {
      const name =
        event.type === 'identified' || event.type === 'updated' ? event.matches[0]?.record.meta : undefined;
      return name === undefined ? [] : [{ trackId: (event as { trackId: number }).trackId, name }];
    }),
  };
}

function cosines(of: readonly Embedding[], embedding: Embedding): number[] {
  return of.map((other) => other.reduce((sum, value, i) => sum + value * embedding[i]!, 0));
}

async function bitmap(url: string): Promise<ImageBitmap> {
  return createImageBitmap(await (await fetch(url)).blob());
}

/** The frames of a file, each on a canvas of its own. */
async function* decoded(clip: Blob): AsyncGenerator<Picture> {
  const input = new Input({ source: new BlobSource(clip), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error('no video in the file');
  for await (const { canvas } of new CanvasSink(track).canvases()) yield canvas;
}

(globalThis as { videoPage?: VideoPage }).videoPage = new VideoPage();
