/** What crosses between the page and Node. */
import type { Box } from '../../src/core/types.ts';

/** A person of the scenes. */
export interface Person {
  readonly name: string;
  /** The photo that is enrolled, or, of a stranger, would be; in no scene. */
  readonly enrolled: string;
  readonly looks: readonly string[];
  readonly isKnown: boolean;
}

/** A person whose photos hold a face each. */
export interface ReadyPerson {
  readonly name: string;
  readonly isKnown: boolean;
  /** Width and height of the face in each of its looks, as shares of the longer of the two. */
  readonly shapes: readonly (readonly [width: number, height: number])[];
}

/** How a scene is made: the same on both sides. */
export interface SceneId {
  readonly people: readonly string[];
  readonly seed: number;
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export interface SeenFace {
  readonly id: number;
  readonly box: Box;
  readonly predicted: boolean;
}

/** A face that was found in a whole frame. */
export interface FoundFace {
  readonly box: Box;
  readonly score: number;
}

export interface PlainLost {
  readonly trackId: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly reason: string;
  readonly same?: number;
  readonly name?: string;
}

/** How alike a track's face in a frame is to each person's enrolled photo. */
export interface Likeness {
  readonly trackId: number;
  readonly frame: number;
  /** In the order of the people; cosines. */
  readonly cosines: readonly number[];
  /** The same to the photo that each is shown in first. */
  readonly shown?: readonly number[];
}

/** What a session told of a clip. */
export interface Watched {
  readonly frames: number;
  readonly faces: readonly (readonly SeenFace[])[];
  readonly appeared: readonly {
    readonly trackId: number;
    readonly frame: number;
    readonly box: Box;
    /** The frame after which it was told. */
    readonly told: number;
  }[];
  readonly lost: readonly PlainLost[];
  /** Names that a track was ever given. */
  readonly names: readonly { readonly trackId: number; readonly name: string }[];
  readonly shots: readonly Likeness[];
  /** Of some frames. */
  readonly likenesses: readonly Likeness[];
  /** Of each frame, where they were asked for. */
  readonly found?: readonly (readonly FoundFace[])[];
}

/** How fast a clip was seen. */
export interface Speed {
  readonly frames: number;
  readonly seconds: number;
  readonly ms: number;
  readonly tracks: number;
  readonly searches: number;
  readonly looks: number;
  readonly measured: number;
}
