import type { PersonMatch } from 'nearface';
import type { VNode } from 'preact';
import { likeness } from '../model/format.ts';
import { personName } from '../model/person-words.ts';
import { Thumbnail } from './thumbnail.tsx';

interface PersonTileProps {
  readonly match: PersonMatch;
  /** Whether it is the chosen one, where one can be. */
  readonly isChosen?: boolean;
  readonly onOpen: () => void;
}

/** Somebody whom a photo may show, by the face that is most like it. */
export function PersonTile({ match, isChosen, onOpen }: PersonTileProps): VNode {
  const { person, record } = match;
  return (
    <button
      type="button"
      class={isChosen ? 'face-tile chosen' : 'face-tile'}
      aria-pressed={isChosen}
      onClick={onOpen}
    >
      <Thumbnail record={record} />
      <span class="ellipsis">{personName(person)}</span>
      <span class="muted small num">{likeness(match, 3)}</span>
    </button>
  );
}
