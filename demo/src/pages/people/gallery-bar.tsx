import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { PickButton } from '../../ui/photo-source.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Select } from '../../ui/select.tsx';
import { CreateGalleryDialog } from './create-gallery-dialog.tsx';

/** The gallery in use, how full it is, and what can be done with it. */
export function GalleryBar({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }): VNode {
  const { engine, library, settings, announcement } = useStore();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [error, setError] = useState<unknown>();
  const inUse = library.inUse.value;
  const name = settings.gallery.value;
  const faces = inUse?.count ?? 0;

  const remove = async (): Promise<void> => {
    setDeleting(false);
    try {
      await (await engine.ready()).galleries.delete(name);
      settings.gallery.value = 'default';
      await library.refresh();
      announcement.value = `Gallery ${name} deleted.`;
      setError(undefined);
    } catch (caught) {
      setError(caught);
    }
  };
  const take = (files: FileList | null): void => {
    if (files?.length) onFiles([...files]);
  };
  return (
    <section class="panel gallery-bar" aria-label="Gallery">
      <Select
        label="Gallery"
        value={name}
        options={library.galleries.value.map((gallery) => [
          gallery.name,
          `${gallery.name} (${gallery.count})`,
        ])}
        onChange={(chosen) => (settings.gallery.value = chosen)}
      />
      <p class="muted small gallery-fill">
        {inUse?.capacity ? `${faces} of ${inUse.capacity.toLocaleString('en')} faces` : count(faces, 'face')}
      </p>
      <div class="row push">
        <button type="button" class="button" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          New gallery
        </button>
        <button type="button" class="button" disabled={name === 'default'} onClick={() => setDeleting(true)}>
          <Icon name="trash" />
          Delete gallery
        </button>
        <PickButton label="Add a folder" multiple folder onFiles={take} />
        <PickButton label="Add photos" multiple primary onFiles={take} />
      </div>
      {error !== undefined && <Problem error={error} />}
      {creating && <CreateGalleryDialog onClose={() => setCreating(false)} />}
      {deleting && (
        <Confirm
          title={`Delete the gallery “${name}”?`}
          action="Delete gallery"
          onConfirm={() => void remove()}
          onClose={() => setDeleting(false)}
        >
          <p>
            {count(faces, 'face')} will be deleted for good, but for those that are also in another gallery.
          </p>
        </Confirm>
      )}
    </section>
  );
}
