import type { LostEvent, MeanFace, Untold } from './events.ts';
import type { Follower, FollowerState } from './follower.ts';
import type { Frame } from './frame-source.ts';
import type { Box } from '../core/types.ts';

/** Somebody in a source, from coming to leaving. */
export interface SeenAppearance {
  readonly track: number;
  readonly frameStart: number;
  readonly frameEnd: number;
  /** In ms of the source, as is the next. */
  readonly timeStart: number;
  readonly timeEnd: number;
  /** Absent where it could not be embedded. */
  readonly mean?: MeanFace;
  /** Of the best look. */
  readonly pictures: { readonly crop?: Blob; readonly thumbnail?: Blob };
  /** The frames that were looked at, rising, and the boxes in them: left, top, width, height, as shares of the frame. */
  readonly frames: Uint32Array<ArrayBuffer>;
  readonly boxes: Float32Array<ArrayBuffer>;
}

/** What is known in the middle of a source, as plain data but for pictures. */
export interface RecogniserState {
  readonly follower: FollowerState;
  /** Of each track so far: its frames, and the boxes in them. */
  readonly places: ReadonlyMap<number, Pick<SeenAppearance, 'frames' | 'boxes'>>;
}

/** Where a track was, by frame. */
type Places = Map<number, readonly [left: number, top: number, width: number, height: number]>;

/** Makes appearances of what a follower tells. */
export class Recogniser<Image> {
  readonly #follower: Follower<Image>;
  readonly #tracks = new Map<number, Places>();

  /** @param places - of a state that the follower goes on from */
  constructor(follower: Follower<Image>, places?: RecogniserState['places']) {
    this.#follower = follower;
    for (const [track, { frames, boxes }] of places ?? [])
      this.#tracks.set(track, new Map([...frames].map((frame, i) => [frame, boxAt(boxes, i)])));
  }

  /** Looks at the next frame. Answers who has left. */
  async see(frame: Frame<Image>, signal?: AbortSignal): Promise<readonly SeenAppearance[]> {
    const events = await this.#follower.see(frame, signal);
    const size = { width: frame.width, height: frame.height };
    for (const { trackId, frameIndex, box } of this.#follower.sights)
      this.#place(trackId, frameIndex, box, size);
    const left = this.#ended(events);
    for (const { trackId, box, predicted } of this.#follower.faces)
      if (!predicted) this.#place(trackId, frame.index, box, size);
    return left;
  }

  /** The source has ended. Answers who was still there. */
  async end(): Promise<readonly SeenAppearance[]> {
    return this.#ended(await this.#follower.end());
  }

  /** All that is known after the last frame. It changes with the next one: use it before. */
  save(): RecogniserState {
    const places = new Map(Array.from(this.#tracks, ([track, each]) => [track, packed(each)]));
    return { follower: this.#follower.save(), places };
  }

  #place(track: number, frame: number, box: Box, { width, height }: Pick<Box, 'width' | 'height'>): void {
    const places: Places = this.#tracks.get(track) ?? (new Map() as Places);
    this.#tracks.set(track, places);
    places.set(frame, [box.left / width, box.top / height, box.width / width, box.height / height]);
  }

  #ended(events: readonly Untold[]): SeenAppearance[] {
    return events.flatMap((event) => (event.type === 'lost' ? this.#close(event) : []));
  }

  #close({ trackId, same, ...lost }: Untold<LostEvent>): SeenAppearance[] {
    const places: Places = this.#tracks.get(trackId) ?? (new Map() as Places);
    this.#tracks.delete(trackId);
    const older = same === undefined ? undefined : this.#tracks.get(same);
    if (older) {
      // It was the older one's face all the time.
      for (const [frame, box] of places) if (!older.has(frame)) older.set(frame, box);
      return [];
    }
    const { firstFrame, lastFrame, firstTimeMs, lastTimeMs, best } = lost;
    const mean = lost.mean ?? (best && { embedding: best.embedding, reliability: best.reliability ?? 0 });
    return [
      {
        ...{ track: trackId, frameStart: firstFrame, frameEnd: lastFrame },
        ...{ timeStart: firstTimeMs, timeEnd: lastTimeMs },
        ...(mean && { mean }),
        pictures: best ? { crop: best.crop, thumbnail: best.thumbnail } : {},
        ...packed(places),
      },
    ];
  }
}

function packed(places: Places): Pick<SeenAppearance, 'frames' | 'boxes'> {
  const sorted = [...places].sort(([a], [b]) => a - b);
  return {
    frames: Uint32Array.from(sorted, ([frame]) => frame),
    boxes: Float32Array.from(sorted.flatMap(([, box]) => [...box])),
  };
}

function boxAt(boxes: Float32Array, i: number): [number, number, number, number] {
  const at = (k: number): number => boxes[4 * i + k] ?? 0;
  return [at(0), at(1), at(2), at(3)];
}
