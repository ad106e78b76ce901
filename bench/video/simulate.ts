/** A detector and an embedding model that see the faces of a scene as real ones do: not quite. */
import type { Box } from '../../src/core/types.ts';
import type { FaceSeen } from '../../src/video/track.ts';
import { Random } from '../../tools/random.ts';
import { gaussian } from '../harness/synthetic-faces.ts';
import { PICTURE, type Scene, type TrueFace } from './trajectories.ts';

/** How good a detector is. */
export interface DetectorQuality {
  readonly name: string;
  /** Standard deviation of a box's edges, as a share of its width. */
  readonly jitter: number;
  /** Share of plainly visible faces that are missed, for a frame or some in a row. */
  readonly misses: number;
  /** False finds per frame; every third stays for some frames. */
  readonly falseFinds: number;
  /** Standard deviation of the scores. */
  readonly scoreSpread: number;
}

export const DETECTORS: readonly DetectorQuality[] = [
  { name: 'good', jitter: 0.02, misses: 0.01, falseFinds: 0.005, scoreSpread: 0.05 },
  { name: 'fair', jitter: 0.035, misses: 0.03, falseFinds: 0.02, scoreSpread: 0.08 },
  { name: 'poor', jitter: 0.06, misses: 0.07, falseFinds: 0.05, scoreSpread: 0.11 },
];

/** A detection; who it is stays hidden from the tracker. */
export interface SimulatedFace {
  readonly seen: FaceSeen;
  /** What the embedding model would say of it. */
  readonly embed: () => { readonly embedding: Float32Array; readonly reliability: number };
}

/**
 * In so many dimensions, with so much in common, random people are as alike as real ones to the shipped model: a cosine of 0.08
 * on average, 0.47 once in a thousand.
 */
const DIMENSION = 64;
const COMMON = 0.3;

/** The detections of each frame. What a face's embedding is does not depend on which others are embedded. */
export function detect(scene: Scene, quality: DetectorQuality, seed: number): SimulatedFace[][] {
  const random = new Random(seed * 7919 + scene.seed * 104729 + scene.name.length);
  const normal = gaussian(random.bits());
  const common = unit(normal);
  const people = new Map<number, Float32Array>();
  const vectorOf = (coming: number): Float32Array => {
    const person = coming % 1000;
    const known = people.get(person) ?? mix(unit(normal), common, COMMON);
    people.set(person, known);
    return known;
  };
  const missing = new Map<number, number>();
  const isMissed = ({ person, visible, yaw }: TrueFace): boolean => {
    const left = missing.get(person) ?? 0;
    missing.set(person, left - 1);
    if (left > 0) return true;
    const chance = quality.misses + 0.9 * (1 - visible) ** 1.5 + (yaw > 55 ? 0.1 : 0);
    if (random.next() >= chance) return false;
    if (random.next() < 0.3) missing.set(person, 1 + random.below(3));
    return true;
  };
  const falseFinds = imagine(quality, random, normal);
  return scene.frames.map((faces) => {
    const found = faces
      .filter((face) => !isMissed(face))
      .map((face): SimulatedFace => {
        const raw = 0.9 - 0.45 * (1 - face.visible) - 0.002 * face.yaw + quality.scoreSpread * normal();
        const score = Math.min(0.99, Math.max(0.05, raw));
        const behind = coverOf(face, faces);
        const vector = vectorOf(face.person);
        const embedded = embedFace(face, vector, behind && vectorOf(behind.person), normal);
        return { seen: { box: jittered(face.box, quality.jitter, normal), score }, embed: () => embedded };
      });
    return [...found, ...falseFinds()].sort((a, b) => b.seen.score - a.seen.score);
  });
}

/** False finds of frame after frame. */
function imagine(quality: DetectorQuality, random: Random, normal: () => number): () => SimulatedFace[] {
  let lasting: { box: Box; left: number }[] = [];
  return () => {
    lasting = lasting.filter(({ left }) => left > 0);
    if (random.next() < quality.falseFinds) {
      const width = random.between(40, 140);
      const [left, top] = [
        random.between(0, PICTURE.width - width),
        random.between(0, PICTURE.height - width),
      ];
      const frames = random.next() < 1 / 3 ? 2 + random.below(3) : 1;
      lasting.push({ box: { left, top, width, height: width * 1.25 }, left: frames });
    }
    return lasting.map((one) => {
      one.left--;
      const embedded = { embedding: unit(normal), reliability: 0.2 * random.next() };
      return {
        seen: { box: jittered(one.box, quality.jitter, normal), score: random.between(0.3, 0.75) },
        embed: () => embedded,
      };
    });
  };
}

function jittered(box: Box, share: number, normal: () => number): Box {
  const off = (): number => share * box.width * normal();
  const [left, top] = [box.left + off(), box.top + off()];
  return {
    left,
    top,
    width: Math.max(4, box.left + box.width + off() - left),
    height: Math.max(4, box.top + box.height + off() - top),
  };
}

/** Who covers a face, if anybody. */
function coverOf(face: TrueFace, faces: readonly TrueFace[]): TrueFace | undefined {
  if (face.visible > 0.9) return undefined;
  const middle = face.box.left + face.box.width / 2;
  return faces.find(
    ({ person, box }) =>
      person !== face.person &&
      box.width > face.box.width &&
      Math.abs(box.left + box.width / 2 - middle) < box.width,
  );
}

/** Turned, small and covered faces are less like themselves, and more like whoever covers them. */
function embedFace(
  { box, visible, yaw }: TrueFace,
  person: Float32Array,
  cover: Float32Array | undefined,
  normal: () => number,
): { embedding: Float32Array; reliability: number } {
  const size = Math.min(1, box.width / 80);
  const quality = Math.max(0.05, size * Math.max(0, 1 - (yaw / 75) ** 2) * visible ** 2);
  const likeness = Math.min(0.92, Math.max(0.05, 0.45 + 0.47 * quality + 0.04 * normal()));
  const pure = cover ? mix(person, cover, 0.8 * (1 - visible)) : person;
  const embedding = mix(unit(normal), pure, likeness);
  const reliability = Math.min(1, Math.max(0, quality + 0.1 * normal()));
  return { embedding, reliability };
}

/** `share` of `towards`, the rest of `vector`, at unit length. */
function mix(vector: Float32Array, towards: Float32Array, share: number): Float32Array {
  const rest = Math.sqrt(1 - share * share);
  return normalise(vector.map((value, i) => rest * value + share * towards[i]!));
}

function unit(normal: () => number): Float32Array {
  return normalise(Float32Array.from({ length: DIMENSION }, normal));
}

function normalise(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const scale = 1 / Math.sqrt(squares);
  return vector.map((value) => value * scale);
}
