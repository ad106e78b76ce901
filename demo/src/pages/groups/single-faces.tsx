import type { VNode } from 'preact';
import type { ShownGroup } from '../../state/groups-store.ts';
import { Thumbnail } from '../../ui/thumbnail.tsx';

interface SingleFacesProps {
  readonly singles: readonly ShownGroup[];
  readonly isChosen: (key: string) => boolean;
  readonly onChoose: (key: string, on: boolean) => void;
}

/** The faces in no group, to be chosen for a merge with a group or with each other. */
export function SingleFaces({ singles, isChosen, onChoose }: SingleFacesProps): VNode {
  return (
    <ul class="face-grid" aria-label="Single faces">
      {singles.map(({ key, name, faces: [face] }) => (
        <li key={key}>
          <label class={isChosen(key) ? 'face-tile chosen' : 'face-tile'}>
            {face && <Thumbnail record={face} />}
            <span class="row nowrap">
              <input
                type="checkbox"
                checked={isChosen(key)}
                onChange={({ currentTarget }) => onChoose(key, currentTarget.checked)}
              />
              <span class="ellipsis">{name || <em>no name</em>}</span>
            </span>
          </label>
        </li>
      ))}
    </ul>
  );
}
