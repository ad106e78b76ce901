import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { type ExportFormat, NearFaceError } from 'nearface';
import { exportOutcome } from '../../model/export-outcome.ts';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { useDrop } from '../../ui/drop.ts';
import { Icon } from '../../ui/icon.tsx';
import { FreshSecret, Secret } from '../../ui/secret.tsx';
import { Select } from '../../ui/select.tsx';

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ['archive', 'Archive: everything'],
  ['jsonl', 'JSON Lines: names and vectors'],
  ['npy', 'NumPy array: vectors alone'],
];

/** The gallery in use as a file, and files into it, also by dropping them here. */
export function TransferPanel(): VNode {
  const { storage, settings, announcement } = useStore();
  const [passphrase, setPassphrase] = useState('');
  const [outcome, setOutcome] = useState('');
  const [refused, setRefused] = useState<File>();
  const progress = storage.transfer.value;
  const busy = progress !== undefined;
  const take = async (files: FileList | null | undefined): Promise<void> => {
    const file = files?.[0];
    if (file && !busy) await importFile(file);
  };
  const importFile = async (file: File, ids?: 'skip'): Promise<void> => {
    setOutcome('');
    setRefused(undefined);
    const report = await storage.importFile(file, passphrase, ids);
    if (!report) {
      const error = storage.error.peek();
      if (!ids && error instanceof NearFaceError && error.code === 'FACE_EXISTS') setRefused(file);
      return;
    }
    const left = report.skipped > 0 ? `, ${count(report.skipped, 'face')} left out` : '';
    const told = `${count(report.imported, 'face')} imported into “${settings.gallery.value}”${left}.`;
    setOutcome(told);
    announcement.value = told;
  };
  const { over, handlers } = useDrop((files) => void take(files));
  return (
    <section
      class={`panel stack-3 transfer${over ? ' over' : ''}`}
      aria-label="Export and import"
      {...handlers}
    >
      <h2>Export and import</h2>
      <div class="storage-panels">
        <ExportForm busy={busy} />
        <div class="stack-3" role="group" aria-label="Import">
          <Secret
            label="Passphrase of the file, if it has one"
            required={false}
            value={passphrase}
            onInput={setPassphrase}
          />
          <ImportButton busy={busy} onFiles={(files) => void take(files)} />
          {refused && (
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => void importFile(refused, 'skip')}
            >
              Skip the faces that are there
            </button>
          )}
          <p class="muted small">
            {outcome ||
              'Drop a file here to import it. A damaged file changes nothing; an encrypted one needs its passphrase.'}
          </p>
        </div>
      </div>
      {busy && <progress aria-label="Faces moved" value={progress} max={1} />}
    </section>
  );
}

interface ImportButtonProps {
  readonly busy: boolean;
  readonly onFiles: (files: FileList | null) => void;
}

function ImportButton({ busy, onFiles }: ImportButtonProps): VNode {
  return (
    <div class="row">
      <label class="button pick">
        <Icon name="upload" />
        Import a file
        <input
          type="file"
          class="visually-hidden"
          accept=".nearface,.jsonl,.npy,.json"
          disabled={busy}
          onChange={({ currentTarget }) => {
            onFiles(currentTarget.files);
            currentTarget.value = '';
          }}
        />
      </label>
    </div>
  );
}

function ExportForm({ busy }: { readonly busy: boolean }): VNode {
  const { storage, settings, library, announcement } = useStore();
  const [format, setFormat] = useState<ExportFormat>('archive');
  const [passphrase, setPassphrase] = useState('');
  const [outcome, setOutcome] = useState('');
  const save = async (): Promise<void> => {
    setOutcome('');
    const end = await storage.exportGallery(format, format === 'archive' ? passphrase : '');
    if (!end) return;
    const told = exportOutcome(end);
    setOutcome(told);
    announcement.value = told;
  };
  return (
    <form
      class="stack-3"
      aria-label="Export"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Select label="Format" value={format} options={FORMATS} onChange={setFormat} />
      {format === 'archive' && (
        <FreshSecret
          label="Passphrase for the archive, or none"
          required={false}
          value={passphrase}
          onInput={setPassphrase}
        />
      )}
      <div class="row">
        <button type="submit" class="button" disabled={busy || !library.inUse.value?.count}>
          Export “{settings.gallery.value}”
        </button>
      </div>
      {outcome && <p class="muted small">{outcome}</p>}
    </form>
  );
}
