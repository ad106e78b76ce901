import type { Attributes, Emotions } from '../core/attributes.ts';
import { completenessOf, type CoveredShares } from './occlusion.ts';
import { maskOf } from './traits.ts';

/** From this covered share on the mouth is mostly hidden, whatever hides it. Wide open mouths and moustaches reach 0.7. */
const MOUTH_HIDDEN = 0.75;

const OVER_THE_MOUTH: readonly Required<Attributes>['mask']['value'][] = ['mouth_covered', 'fully_covered'];

/**
 * What may be told of an expression whose mouth and nose are `covered`, `masked` being the probability of a face mask.
 * Nothing if a mask is over the mouth, or if the mouth is mostly covered by anything: the network then tells the mask's
 * creases, with conviction. Otherwise the seven emotions that add up to 1 are drawn towards even by the mean of the hidden
 * shares of mouth and nose, as {@link completenessOf} counts them; `sleepy`, read off the eyelids, stays.
 */
export function emotionsSeen(
  emotions: Emotions,
  masked: number,
  covered: CoveredShares,
): Emotions | undefined {
  const mask = maskOf(masked, covered).value;
  if (covered.mouth >= MOUTH_HIDDEN || OVER_THE_MOUTH.includes(mask)) return undefined;
  const { mouth, nose } = completenessOf(covered);
  return drawnToEven(emotions, 1 - (mouth + nose) / 2);
}

function drawnToEven({ sleepy, ...told }: Emotions, by: number): Emotions {
  const entries = Object.entries(told);
  const drawn = entries.map(([name, share]) => [name, (1 - by) * share + by / entries.length]);
  return { ...(Object.fromEntries(drawn) as typeof told), sleepy };
}
