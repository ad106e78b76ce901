import { attributesOf } from '../core/attributes.ts';
import type { BestShot, VideoEvent } from '../video/events.ts';
import { groupsOf } from './analyse.ts';
import type { ResolvedWatch } from './resolve-watch.ts';

/** An event with what of its shot was asked to be told: more may be measured, to be kept, enrolled or posted. */
export function asAsked(event: VideoEvent, options: ResolvedWatch): VideoEvent {
  if (event.type === 'best-shot') return shotAsAsked(event, options);
  if (event.type !== 'lost' || !event.best) return event;
  return { ...event, best: shotAsAsked(event.best, options) };
}

/** A shot with what was asked to be told. */
export function shotAsAsked<Shot extends BestShot>(
  shot: Shot,
  { photo: isAsked, returnDetails }: Pick<ResolvedWatch, 'photo' | 'returnDetails'>,
): Shot {
  const { photo, attributes, liveness, ...rest } = shot;
  const wanted = groupsOf(returnDetails?.attributes ?? false);
  return {
    ...(rest as Shot),
    ...(isAsked && photo && { photo }),
    ...(liveness && returnDetails?.liveness && { liveness }),
    ...(attributes && wanted.length > 0 && { attributes: attributesOf(attributes, wanted) }),
  };
}
