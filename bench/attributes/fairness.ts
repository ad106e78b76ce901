import type { LabelledPair } from '../harness/lfw.ts';
import { personOf } from '../harness/lfw.ts';
import { AGE_GROUPS, nameOfGroup } from './measures.ts';
import type { SeenFace, SeenPhoto } from './page.ts';

/** Verification errors within a group of faces. */
export interface GroupErrors {
  readonly group: string;
  readonly photos: number;
  /** Pairs of different people of the group, and the share of them above the threshold. */
  readonly impostorPairs: number;
  readonly falseMatchRate: number;
  /** Pairs of one person with the first photo in the group, and the share of them below the threshold. */
  readonly genuinePairs: number;
  readonly falseNonMatchRate: number;
}

/**
 * Verification errors at the cosine `threshold` by the gender and the age that were *predicted*, since the photos have no
 * labels of either: a group's impostors are all pairs of different people within it, its genuine pairs those of the protocol.
 */
export function verificationByGroup(
  photos: readonly SeenPhoto[],
  pairs: readonly LabelledPair[],
  threshold: number,
): GroupErrors[] {
  const faces = new Map(
    photos.flatMap(({ image, face }) => (face?.embedding ? [[image, face] as const] : [])),
  );
  const groups: [string, (face: SeenFace) => boolean][] = [
    ['all', () => true],
    ['male', ({ gender }) => gender === 'male'],
    ['female', ({ gender }) => gender === 'female'],
    ...AGE_GROUPS.map((group): [string, (face: SeenFace) => boolean] => [
      nameOfGroup(group),
      ({ age }) => age !== undefined && Math.floor(age) >= group[0] && Math.floor(age) < group[1],
    ]),
  ];
  return groups.map(([group, belongs]) => {
    const members = [...faces].filter(([, face]) => belongs(face));
    const names = new Set(members.map(([image]) => image));
    const genuine = pairs.filter(
      ({ same, image1, image2 }) => same && names.has(image1) && faces.has(image2),
    );
    const rejected = genuine.filter(
      ({ image1, image2 }) => cosine(faces.get(image1)!, faces.get(image2)!) < threshold,
    );
    return {
      group,
      photos: members.length,
      ...impostorsOf(members, threshold),
      genuinePairs: genuine.length,
      falseNonMatchRate: rejected.length / genuine.length,
    };
  });
}

function impostorsOf(
  members: readonly (readonly [image: string, face: SeenFace])[],
  threshold: number,
): Pick<GroupErrors, 'impostorPairs' | 'falseMatchRate'> {
  let impostorPairs = 0;
  let accepted = 0;
  members.forEach(([image, face], i) => {
    for (const [other, otherFace] of members.slice(i + 1)) {
      if (personOf(image) === personOf(other)) continue;
      impostorPairs++;
      if (cosine(face, otherFace) >= threshold) accepted++;
    }
  });
  return { impostorPairs, falseMatchRate: accepted / impostorPairs };
}

function cosine({ embedding: a = [] }: SeenFace, { embedding: b = [] }: SeenFace): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
