import type { Attributes, Emotions } from '../core/attributes.ts';
import type { CoveredShares } from './occlusion.ts';

/** The covered share of the mouth from which on the face's lower half tells nothing; that of which a mask is told. */
const GONE = 0.5;
/** Up to here faces with nothing before them are measured, too. Source: models/face-occlusion.md. */
const TOUCHED = 0.08;

/**
 * The emotions that can be told of a face of which a part is covered: none under a mask over the mouth, or when half of the
 * mouth or more is hidden; else drawn towards seven equal shares by as much of the mouth as is hidden. `sleepy` is read
 * off the eyelids and stays.
 */
export function emotionsSeen(
  emotions: Emotions,
  mask: Required<Attributes>['mask'],
  { mouth }: Pick<CoveredShares, 'mouth'>,
): Emotions | undefined {
  const masked = mask.value === 'fully_covered' || mask.value === 'mouth_covered';
  if (masked || mouth >= GONE) return undefined;
  const hidden = Math.max(0, (mouth - TOUCHED) / (GONE - TOUCHED));
  if (hidden === 0) return emotions;
  const { sleepy, ...told } = emotions;
  const names = Object.keys(told) as (keyof typeof told)[];
  const blended = names.map((name) => [name, told[name] * (1 - hidden) + hidden / names.length]);
  return { ...(Object.fromEntries(blended) as typeof told), sleepy };
}
