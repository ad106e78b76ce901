import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { FacesRule } from 'nearface';
import { count, nameFromFile } from '../../model/format.ts';
import { GATES, type GateChoice } from '../../model/gates.ts';
import { useStore } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';

const RULES: readonly (readonly [FacesRule, string])[] = [
  ['biggest', 'The biggest face'],
  ['all', 'Every face'],
  ['reject', 'None: skip the photo'],
];

interface UploadDialogProps {
  readonly files: readonly File[];
  readonly onClose: () => void;
}

/** How the chosen photos are to be enrolled. */
export function UploadDialog({ files, onClose }: UploadDialogProps): VNode {
  const { batch, persons, settings } = useStore();
  const photos = files.filter(({ type }) => type.startsWith('image/'));
  const skipped = files.length - photos.length;
  const [byFile, setByFile] = useState(photos.length > 1);
  const [name, setName] = useState('');
  const [faces, setFaces] = useState<FacesRule>('biggest');
  const [gate, setGate] = useState<GateChoice>('none');
  const id = useId();

  const submit = (event: Event): void => {
    event.preventDefault();
    onClose();
    persons.endPhotoSearch();
    void batch.enrol(photos, { faces, gate, ...(!byFile && { meta: name.trim() }) });
  };
  return (
    <Dialog title={`Enrol ${count(photos.length, 'photo')}`} onClose={onClose}>
      <form class="stack-3" onSubmit={submit}>
        {skipped > 0 && <p class="muted">{count(skipped, 'file')} left out: not pictures.</p>}
        <label class="toggle">
          <input
            type="checkbox"
            checked={byFile}
            onChange={({ currentTarget }) => setByFile(currentTarget.checked)}
          />
          Name each face after its file
        </label>
        {byFile && photos[0] && (
          <p class="muted small">
            {photos[0].name} becomes “{nameFromFile(photos[0].name)}”.
          </p>
        )}
        {!byFile && (
          <div class="field">
            <label for={id} class="field-label">
              Name for all of them
            </label>
            <input
              id={id}
              type="text"
              required
              maxLength={1024}
              autoComplete="off"
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </div>
        )}
        <Select label="In photos of several people, use" value={faces} options={RULES} onChange={setFaces} />
        <Select
          label="How good a picture must be"
          value={gate}
          options={GATES.map(({ choice, label }) => [
            choice,
            choice === 'none' ? 'Any picture will do' : label,
          ])}
          hint="A face that falls short, or of which too little can be seen, is left out, and you are told why."
          onChange={setGate}
        />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={photos.length === 0}>
            Enrol into “{settings.gallery.value}”
          </button>
        </div>
      </form>
    </Dialog>
  );
}
