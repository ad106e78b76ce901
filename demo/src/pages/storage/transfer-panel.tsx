import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ExportFormat } from 'nearface';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { useDrop } from '../../ui/drop.ts';
import { Icon } from '../../ui/icon.tsx';
import { Secret } from '../../ui/secret.tsx';
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
  const { over, handlers } = useDrop((files) => void take(files));
  return (
    <section
      class={`panel stack-3 transfer${over ? ' over' : ''}`}
      aria-label="Export and import"
      {...handlers}
    >
      <h2>Export and import</h2>
      <div class="settings">
        <Select label="Format" value={format} options={FORMATS} onChange={setFormat} />
        <Secret
          label="Passphrase of the archive, if it has one"
          kind="optional"
          value={passphrase}
          onInput={setPassphrase}
        />
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
