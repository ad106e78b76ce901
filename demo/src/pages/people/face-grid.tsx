import type { VNode } from 'preact';
import type { FaceRecord } from 'nearface';
import { useStore } from '../../state/store.ts';
import { DropArea } from '../../ui/photo-source.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';
import { type ItemProps, VirtualGrid } from '../../ui/virtual-grid.tsx';

interface FaceGridProps {
  readonly onOpen: (record: FaceRecord) => void;
  readonly onFiles: (files: readonly File[]) => void;
}

/** The faces of the gallery, of which those near the window are drawn. */
export function FaceGrid({ onOpen, onFiles }: FaceGridProps): VNode | null {
  const { people, library, batch, engine } = useStore();
  const total = people.total.value;
  const busy = people.loading.value;
  if (people.error.value !== undefined && engine.state.value.kind !== 'failed') {
    return <Problem error={people.error.value} onRetry={() => void library.refresh()} />;
  }
  if (library.inUse.value?.count === 0) {
    return batch.batch.value?.running ? null : <NobodyEnrolled onFiles={onFiles} />;
  }
  if (total === 0) {
    if (busy || !library.inUse.value) return null;
    return <p class="muted">Nobody’s name contains “{people.query.value}”.</p>;
  }
  const tile = (index: number, props: ItemProps): VNode => {
    const record = people.at(index);
    return (
      <button
        type="button"
        class="face-tile"
        aria-disabled={!record}
        onClick={() => record && onOpen(record)}
        {...props}
      >
        {record ? (
          <Thumbnail key={record.id} record={record} />
        ) : (
          <span class="thumbnail empty" aria-hidden="true" />
        )}
        <span class="ellipsis">{record ? record.meta || <em>no name</em> : '…'}</span>
      </button>
    );
  };
  return <VirtualGrid label="Faces" total={total} busy={busy} item={tile} onShow={people.show} />;
}

/** What to do where nobody is enrolled. */
export function NobodyEnrolled({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }): VNode {
  const { batch, settings } = useStore();
  return (
    <DropArea multiple label="Add photos" onPhotos={onFiles}>
      <h2>Nobody is enrolled in “{settings.gallery.value}” yet</h2>
      <p class="muted narrow">
        Drop photos of the people you know here, one face each works best. From then on, the pages Photo and
        Camera give their names. The faces are stored in this browser only.
      </p>
      <button type="button" class="button" onClick={() => void batch.enrolSamples()}>
        Enrol the people of the samples
      </button>
      <p class="muted small">22 faces in six photos, under made-up names.</p>
    </DropArea>
  );
}
