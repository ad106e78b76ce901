import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { FaceRecord } from 'nearface';
import { useStore } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { NameForm } from '../../ui/name-form.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';

interface FaceDialogProps {
  readonly record: FaceRecord;
  readonly onClose: () => void;
}

/** One enrolled face: its picture, its facts, a new name for it, or its end. */
export function FaceDialog({ record, onClose }: FaceDialogProps): VNode {
  const { people, settings, announcement } = useStore();
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<unknown>();
  const who = record.meta || 'this face';
  const remove = async (): Promise<void> => {
    try {
      await people.remove([record.id]);
      announcement.value = `${who} deleted.`;
      onClose();
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Dialog title={record.meta || 'No name'} onClose={onClose}>
      <div class="stack-4">
        <div class="face-detail">
          <Thumbnail record={record} kind="crop" alt={`Face of ${who}`} />
          <dl class="facts">
            <div>
              <dt>Enrolled</dt>
              <dd>
                {new Date(record.timestamp).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}
              </dd>
            </div>
            <div>
              <dt>Galleries</dt>
              <dd>{record.galleries.join(', ')}</dd>
            </div>
            <div>
              <dt>Model</dt>
              <dd>{record.modelId}</dd>
            </div>
            <div>
              <dt>Id</dt>
              <dd class="break">
                <code>{record.id}</code>
              </dd>
            </div>
          </dl>
        </div>
        <NameForm
          label="Name"
          action="Save"
          initial={record.meta}
          onName={async (meta) => {
            await people.update(record.id, { meta });
            announcement.value = `Saved as ${meta}.`;
            onClose();
          }}
        />
        {error !== undefined && <Problem error={error} />}
        {sure ? (
          <div class="row between">
            <p>
              Delete {who} from “{settings.gallery.value}”?
            </p>
            <div class="row">
              <button type="button" class="button" onClick={() => setSure(false)}>
                Keep
              </button>
              <button type="button" class="button danger" onClick={() => void remove()}>
                Delete
              </button>
            </div>
          </div>
        ) : (
          <div class="row">
            <button type="button" class="button" onClick={() => setSure(true)}>
              <Icon name="trash" />
              Delete this face…
            </button>
          </div>
        )}
      </div>
    </Dialog>
  );
}
