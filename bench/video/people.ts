/** The people of the scenes. */
import { evenly } from '../../tools/data-sets.ts';
import { personOf } from '../harness/lfw.ts';
import type { Person } from './page-types.ts';

/** So many are tried; those with other faces in their photos are left out. */
const CANDIDATES = 40;
const LOOKS = 3;

/** People of whom there is a photo to enrol and some to show; every second is enrolled. */
export function peopleOf(images: readonly string[]): Person[] {
  const photos = new Map<string, string[]>();
  for (const image of images) photos.set(personOf(image), [...(photos.get(personOf(image)) ?? []), image]);
  const several = [...photos].filter(([, list]) => list.length > LOOKS);
  return evenly(several, CANDIDATES)
    .map(([name, [enrolled, ...looks]]) => ({ name, enrolled: enrolled!, looks: looks.slice(0, LOOKS) }))
    .map((person, i) => ({ ...person, isKnown: i % 2 === 0 }));
}
