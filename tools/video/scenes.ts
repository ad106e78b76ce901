/**
 * Scenes of heads that move in known ways: what a video shows, and where each face is in each frame. Pure; `draw-scene.ts` draws them
 * in a page.
 */
import type { Box } from '../../src/core/types.ts';

/** Where a head is at a time: the centre of its face, and the face box's side, in pixels of the scene. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** How the camera takes a head. */
export interface Taking {
  /** Standard deviation of the blur, as a share of the face's side. */
  readonly blur: number;
  /** What the light is multiplied by. */
  readonly light: number;
  /** Radians, clockwise. */
  readonly tilt: number;
}

/** A person in a scene. Later ones stand before earlier ones. */
export interface Actor {
  readonly person: string;
  /** Where it is at a time in seconds; undefined while it is not there. */
  place(seconds: number): Place | undefined;
  /** Which of its photos is shown then, counted from 0. */
  look(seconds: number): number;
  /** Absent: as in the photo. */
  taken?(seconds: number): Taking;
}

/** Something that stands before everybody. */
export interface Pillar {
  readonly box: Box;
  readonly colour: string;
}

/** What the camera shows of the scene: its centre and its zoom. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** A stretch between two cuts. */
export interface Take {
  readonly seconds: number;
  /** Which background. */
  readonly background: number;
  readonly actors: readonly Actor[];
  readonly pillars: readonly Pillar[];
  camera(seconds: number): Camera;
}

/** A video. */
export interface Scene {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly takes: readonly Take[];
  /** Pairs of people who pass before one another. */
  readonly crossings: number;
  /** Whether each person is shown in one photo, so that what differs from frame to frame is how well it was taken. */
  readonly onePhoto: boolean;
}

/** A face of a frame. */
export interface TrueFace {
  readonly person: string;
  /** In pixels of the frame. */
  readonly box: Box;
  /** Share of it that is in the picture and uncovered. */
  readonly visible: number;
  readonly look: number;
  readonly taken?: Taking;
}

/** How many frames a scene has. */
export function frameCount({ takes, fps }: Scene): number {
  return takes.reduce((sum, { seconds }) => sum + Math.round(seconds * fps), 0);
}

/** The take of a frame, and its time within that, in seconds. */
export function takeAt({ takes, fps }: Scene, frame: number): { take: Take; seconds: number; index: number } {
  let first = 0;
  for (const [index, take] of takes.entries()) {
    const frames = Math.round(take.seconds * fps);
    if (frame < first + frames) return { take, seconds: (frame - first) / fps, index };
    first += frames;
  }
  throw new RangeError(`there is no frame ${frame}`);
}

/** Frames before which the camera cuts. */
export function cutsOf({ takes, fps }: Scene): number[] {
  let first = 0;
  return takes.slice(0, -1).map(({ seconds }) => (first += Math.round(seconds * fps)));
}

/** The true faces of a frame, in the actors' order. */
export function truthOf(scene: Scene, frame: number): TrueFace[] {
  const { take, seconds } = takeAt(scene, frame);
  const shown = take.actors.flatMap((actor) => {
    const place = actor.place(seconds);
    if (!place) return [];
    const box = inFrame(scene, take, seconds, faceBox(place));
    const taken = actor.taken?.(seconds);
    return [{ person: actor.person, look: actor.look(seconds), box, ...(taken && { taken }) }];
  });
  const pillars = take.pillars.map(({ box }) => inFrame(scene, take, seconds, box));
  return shown.map((face, i) => {
    const before = [...shown.slice(i + 1).map(({ box }) => headBox(box)), ...pillars];
    return { ...face, visible: visibleShare(face.box, before, scene) };
  });
}

function faceBox({ x, y, side }: Place): Box {
  return { left: x - side / 2, top: y - side / 2, width: side, height: side };
}

/** What a head covers, with hair and chin. */
export function headBox({ left, top, width, height }: Box): Box {
  return { left: left - 0.15 * width, top: top - 0.35 * height, width: 1.3 * width, height: 1.6 * height };
}

function inFrame({ width, height }: Scene, take: Take, seconds: number, box: Box): Box {
  const { x, y, zoom } = take.camera(seconds);
  return {
    left: width / 2 + (box.left - x) * zoom,
    top: height / 2 + (box.top - y) * zoom,
    width: box.width * zoom,
    height: box.height * zoom,
  };
}

/** Sampled on a grid: exact enough for a threshold. */
function visibleShare(box: Box, before: readonly Box[], { width, height }: Scene): number {
  const steps = 20;
  let seen = 0;
  for (let i = 0; i < steps; i++) {
    for (let j = 0; j < steps; j++) {
      const x = box.left + ((i + 0.5) / steps) * box.width;
      const y = box.top + ((j + 0.5) / steps) * box.height;
      const inside = x >= 0 && y >= 0 && x < width && y < height;
      if (inside && !before.some((other) => covers(other, x, y))) seen++;
    }
  }
  return seen / steps ** 2;
}

/** Heads are ellipses; pillars are wide enough that it hardly matters. */
function covers({ left, top, width, height }: Box, x: number, y: number): boolean {
  const dx = (x - left - width / 2) / (width / 2);
  const dy = (y - top - height / 2) / (height / 2);
  return height > 2.5 * width ? Math.abs(dx) < 1 && Math.abs(dy) < 1 : dx * dx + dy * dy < 1;
}
