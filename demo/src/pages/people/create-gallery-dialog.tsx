import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useStore } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Problem } from '../../ui/problem.tsx';

/** Makes a gallery and puts it in use. */
export function CreateGalleryDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const { engine, library, settings, announcement } = useStore();
  const [name, setName] = useState('');
  const [capacity, setCapacity] = useState('');
  const [error, setError] = useState<unknown>();
  const id = useId();

  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const limit = capacity ? { capacity: Number(capacity) } : {};
      await (await engine.ready()).galleries.create(name, limit);
      settings.gallery.value = name;
      announcement.value = `Gallery ${name} created and in use.`;
      onClose();
      await library.refresh();
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Dialog title="New gallery" onClose={onClose}>
      <form class="stack-3" onSubmit={(event) => void create(event)}>
        <div class="field">
          <label for={`${id}-name`} class="field-label">
            Name
          </label>
          <input
            id={`${id}-name`}
            type="text"
            required
            maxLength={48}
            pattern="[A-Za-z0-9_\-]+"
            title="Letters, digits, _ and -"
            aria-describedby={`${id}-hint`}
            autoComplete="off"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
          <p id={`${id}-hint`} class="muted small">
            Letters, digits, _ and -, at most 48.
          </p>
        </div>
        <div class="field">
          <label for={`${id}-capacity`} class="field-label">
            Most faces (empty: no limit)
          </label>
          <input
            id={`${id}-capacity`}
            type="number"
            min={1}
            max={100_000_000}
            value={capacity}
            onInput={({ currentTarget }) => setCapacity(currentTarget.value)}
          />
        </div>
        {error !== undefined && <Problem error={error} />}
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}
