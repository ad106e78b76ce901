import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ExportFormat } from 'nearface';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { Select } from '../../ui/select.tsx';

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ['archive', 'Archive: everything'],
  ['jsonl', 'JSON Lines: names and vectors'],
  ['npy', 'NumPy array: vectors alone'],
];

/** The gallery in use as a file, and files into it. */
export function TransferPanel(): VNode {
  const { storage, settings, library, announcement } = useStore();
  const [format, setFormat] = useState<ExportFormat>('archive');
  const [passphrase, setPassphrase] = useState('');
  const [over, setOver] = useState(false);
  const [outcome, setOutcome] = useState('');
  const progress = storage.transfer.value;
  const busy = progress !== undefined;
  const faces = library.inUse.value?.count ?? 0;

  const take = async (files: FileList | null | undefined): Promise<void> => {
    const file = files?.[0];
    if (!file) return;
    setOutcome('');
    const report = await storage.importFile(file, passphrase);
    if (!report) return;
    const told = `${count(report.imported, 'face')} imported into “${settings.gallery.value}”.`;
    setOutcome(told);
    announcement.value = told;
  };
  return (
    <section
      class={`panel stack-3 transfer${over ? ' over' : ''}`}
      aria-label="Export and import"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files);
      }}
    >
      <h2>Export and import</h2>
      <div class="settings">
        <Select label="Format" value={format} options={FORMATS} onChange={setFormat} />
        <ArchivePassphrase value={passphrase} onInput={setPassphrase} />
      </div>
      <div class="row">
        <button
          type="button"
          class="button"
          disabled={busy || faces === 0}
          onClick={() => void storage.exportGallery(format, format === 'archive' ? passphrase : '')}
        >
          Export “{settings.gallery.value}”
        </button>
        <label class="button pick">
          <Icon name="upload" />
          Import a file
          <input
            type="file"
            class="visually-hidden"
            accept=".nearface,.jsonl,.npy,.json"
            disabled={busy}
            onChange={({ currentTarget }) => {
              void take(currentTarget.files);
              currentTarget.value = '';
            }}
          />
        </label>
      </div>
      {busy && <progress aria-label="Faces moved" value={progress} max={1} />}
      <p class="muted small">
        {outcome ||
          'Drop a file here to import it. A damaged file changes nothing; an encrypted one needs its passphrase.'}
      </p>
    </section>
  );
}

function ArchivePassphrase({
  value,
  onInput,
}: {
  readonly value: string;
  readonly onInput: (value: string) => void;
}): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class="field-label">
        Passphrase of the archive, if it has one
      </label>
      <input
        id={id}
        type="password"
        autoComplete="off"
        maxLength={1024}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </div>
  );
}
