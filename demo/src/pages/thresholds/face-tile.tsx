import type { VNode } from 'preact';
import type { FaceRecord } from 'nearface';
import { Thumbnail } from '../../ui/thumbnail.tsx';

interface FaceTileProps {
  readonly record: FaceRecord;
  readonly onOpen: (record: FaceRecord) => void;
}

/** A stored face, which is renamed or deleted when it is pressed. */
export function FaceTile({ record, onOpen }: FaceTileProps): VNode {
  const name = record.meta || 'No name';
  return (
    <button
      type="button"
      class="face-tile"
      aria-label={`${name}: rename or delete`}
      onClick={() => onOpen(record)}
    >
      <Thumbnail key={record.id} record={record} />
      <span class="ellipsis" aria-hidden="true">
        {name}
      </span>
    </button>
  );
}
