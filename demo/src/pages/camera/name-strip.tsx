import type { VNode } from 'preact';
import type { CameraTracks } from '../../state/camera-tracks.ts';
import { useStore } from '../../state/store.ts';
import { NameForm } from '../../ui/name-form.tsx';

interface NameStripProps {
  readonly tracks: CameraTracks;
  /** Whose name is asked for. */
  readonly id: number;
  readonly onClose: () => void;
}

/** Asks for a name under the picture, which goes on meanwhile; the name enrols. */
export function NameStrip({ tracks, id, onClose }: NameStripProps): VNode {
  const { library, announcement } = useStore();
  const track = tracks.list.value.find((one) => one.id === id);
  const enrol = async (name: string): Promise<void> => {
    await tracks.enrol(id, name);
    await library.refresh();
    announcement.value = `${name} is enrolled.`;
    onClose();
  };
  return (
    <section
      class="panel name-strip"
      aria-label="Name the face"
      onKeyDown={({ key }) => {
        if (key === 'Escape') onClose();
      }}
    >
      {track ? (
        <>
          <img class="thumbnail" src={track.url} alt="" />
          <NameForm
            key={track.id}
            label={track.name ? 'Called' : 'Who is this?'}
            action={track.name ? 'Rename' : 'Enrol'}
            initial={track.name}
            focus
            onName={enrol}
          />
        </>
      ) : (
        <p class="muted" role="status">
          This face has not been seen well enough yet. It is asked for as soon as it is.
        </p>
      )}
      <button type="button" class="button" onClick={onClose}>
        Cancel
      </button>
    </section>
  );
}
