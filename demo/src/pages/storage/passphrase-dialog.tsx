import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useStore } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Problem } from '../../ui/problem.tsx';
import { FreshSecret, Secret } from '../../ui/secret.tsx';

interface PassphraseDialogProps {
  /** Whether there is one already, which is asked for. */
  readonly change: boolean;
  readonly onClose: () => void;
}

/** Asks for a new passphrase and sets it; what fails is told in the dialog. */
export function PassphraseDialog({ change, onClose }: PassphraseDialogProps): VNode {
  const { storage, announcement } = useStore();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await (change ? storage.changePassphrase(current, next) : storage.encrypt(next));
      announcement.value = change ? 'The passphrase is changed.' : 'Everything is encrypted.';
      onClose();
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  return (
    <Dialog title={change ? 'Change the passphrase' : 'Encrypt everything'} onClose={onClose}>
      <form class="stack-3" onSubmit={(event) => void submit(event)}>
        <p>Nobody can restore a lost passphrase: what it protects is lost with it.</p>
        {change && <Secret label="Current passphrase" value={current} onInput={setCurrent} />}
        <FreshSecret label="New passphrase, 8 characters at least" value={next} onInput={setNext} />
        {error !== undefined && <Problem error={error} />}
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
