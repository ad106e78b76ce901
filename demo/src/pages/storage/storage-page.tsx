import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { StorageUsage } from 'nearface';
import { bytes, count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Secret } from '../../ui/secret.tsx';
import { ConversionPanel } from './conversion-panel.tsx';
import { JobsPanel } from './jobs-panel.tsx';
import { TransferPanel } from './transfer-panel.tsx';

/** What is stored, how it is protected, and the work that is stored with it. */
export function StoragePage(): VNode {
  const { storage } = useStore();
  return (
    <>
      <PageHead
        title="Storage"
        lead="Everything lies in this browser and nowhere else: what it takes up, who may read it, and how it goes away."
      />
      {storage.error.value !== undefined && <Problem error={storage.error.value} />}
      <ConversionPanel />
      <div class="storage-panels">
        <UsagePanel />
        <ProtectionPanel />
      </div>
      <TransferPanel />
      <JobsPanel />
    </>
  );
}

const KINDS = ['vectors', 'records', 'pictures'] as const;

/** Some browsers answer zeros where they mean to tell nothing. */
function spaceWords({ usageBytes, quotaBytes }: StorageUsage): string {
  if (quotaBytes === 0) return 'This browser does not tell how much this site uses, nor how much it may use.';
  return `This site uses ${bytes(usageBytes)} of the ${bytes(quotaBytes)} that the browser grants it.`;
}

function UsagePanel(): VNode {
  const { storage, settings } = useStore();
  const [measuring, setMeasuring] = useState(false);
  const usage = storage.usage.value;
  const stats = storage.stats.value;
  const kinds = usage ? KINDS.map((kind) => [kind, usage.bytes[kind]] as const) : [];
  const most = Math.max(1, ...kinds.map(([, size]) => size));
  const measure = async (): Promise<void> => {
    setMeasuring(true);
    await storage.measureRecall();
    setMeasuring(false);
  };
  return (
    <section class="panel stack-3" aria-label="What it takes up">
      <h2>What it takes up</h2>
      {usage && (
        <>
          <p>
            {count(usage.faces, 'face')}. {spaceWords(usage)}
          </p>
          <table class="table">
            <caption class="visually-hidden">Bytes by kind</caption>
            <tbody>
              {kinds.map(([kind, size]) => (
                <tr key={kind}>
                  <th scope="row">{kind}</th>
                  <td aria-hidden="true" class="wide">
                    <div class="usage-bar" style={{ width: `${(100 * size) / most}%` }} />
                  </td>
                  <td class="num">{bytes(size)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {stats?.code && (
        <>
          <h3>Searches in “{settings.gallery.value}”</h3>
          <p class="small">
            A search reads {stats.code.bytesPerFace} bytes of each face first and then, of a few,{' '}
            {stats.code.rows === 'float'
              ? 'the vectors in full precision'
              : 'the vectors in bytes and from the database'}
            ; {bytes(stats.memoryBytes)} of memory.
          </p>
          {stats.recall ? (
            <p class="small">
              Of {count(stats.recall.probes, 'search', 'searches')}, {(100 * stats.recall.at1).toFixed(2)} %
              found the best face that a full search finds, and {(100 * stats.recall.at10).toFixed(2)} % of
              the best ten.
            </p>
          ) : (
            <div class="row">
              <button type="button" class="button" disabled={measuring} onClick={() => void measure()}>
                {measuring ? 'Measuring…' : 'Measure what searches find'}
              </button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function ProtectionPanel(): VNode {
  const { storage, library, announcement } = useStore();
  const [asking, setAsking] = useState<'encrypt' | 'change' | 'erase'>();
  const usage = storage.usage.value;
  const close = (): void => setAsking(undefined);
  const erase = async (): Promise<void> => {
    close();
    await storage.eraseAll();
    announcement.value = 'Everything is erased.';
  };
  return (
    <section class="panel stack-3" aria-label="Protection">
      <h2>Protection</h2>
      <p>
        {library.persisted.value
          ? 'The browser keeps it until you delete it.'
          : 'The browser may clear it when the disk runs short.'}
      </p>
      {!library.persisted.value && (
        <div class="row">
          <button type="button" class="button" onClick={() => void library.persist()}>
            Ask the browser to keep it
          </button>
        </div>
      )}
      <p>
        {usage?.encrypted
          ? 'Names, vectors and pictures are encrypted. They can be read with the passphrase only.'
          : 'It is not encrypted: whoever uses this browser profile can read it.'}
      </p>
      <div class="row">
        {usage?.encrypted ? (
          <button type="button" class="button" onClick={() => setAsking('change')}>
            Change the passphrase…
          </button>
        ) : (
          <button type="button" class="button" disabled={!usage} onClick={() => setAsking('encrypt')}>
            Encrypt…
          </button>
        )}
        <button type="button" class="button danger" disabled={!usage} onClick={() => setAsking('erase')}>
          <Icon name="trash" />
          Erase everything…
        </button>
      </div>
      {asking === 'erase' && (
        <Confirm
          title="Erase everything?"
          action="Erase everything"
          onConfirm={() => void erase()}
          onClose={close}
        >
          <p>
            All {count(usage?.faces ?? 0, 'face')}, their pictures, all galleries and all jobs will be deleted
            for good, in all tabs.
          </p>
        </Confirm>
      )}
      {(asking === 'encrypt' || asking === 'change') && (
        <PassphraseDialog change={asking === 'change'} onClose={close} />
      )}
    </section>
  );
}

function PassphraseDialog({
  change,
  onClose,
}: {
  readonly change: boolean;
  readonly onClose: () => void;
}): VNode {
  const { storage, announcement } = useStore();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const done = await (change ? storage.changePassphrase(current, next) : storage.encrypt(next));
    await storage.refresh();
    if (done) announcement.value = change ? 'The passphrase is changed.' : 'Everything is encrypted.';
    onClose();
  };
  return (
    <Dialog title={change ? 'Change the passphrase' : 'Encrypt everything'} onClose={onClose}>
      <form class="stack-3" onSubmit={(event) => void submit(event)}>
        {!change && <p>Nobody can restore a lost passphrase: what it protects is lost with it.</p>}
        {change && <Secret label="Current passphrase" value={current} onInput={setCurrent} />}
        <Secret label="New passphrase, 8 characters at least" value={next} kind="fresh" onInput={setNext} />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? 'One moment…' : change ? 'Change' : 'Encrypt'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
