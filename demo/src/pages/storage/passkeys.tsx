import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { dayInWords, dayOf } from '../../model/days.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { Problem } from '../../ui/problem.tsx';

/** What opens the database beside its passphrase. */
export function Passkeys(): VNode {
  const { storage, announcement } = useStore();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const passkeys = storage.passkeys.value;
  const add = async (): Promise<void> => {
    setBusy(true);
    try {
      await storage.addPasskey('nearface demo');
      announcement.value = 'The passkey is added.';
      setError(undefined);
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  return (
    <div class="stack-2">
      <h3>Passkeys</h3>
      {passkeys.length === 0 ? (
        <p class="muted">None. With one, a fingerprint or the device’s PIN unlocks the faces.</p>
      ) : (
        <ul class="stack-2">
          {passkeys.map(({ id, name, createdAt }) => (
            <li key={id} class="row between">
              <span>
                {name}, added {dayInWords(dayOf(createdAt.getTime()))}
              </span>
              <button
                type="button"
                class="button"
                aria-label={`Remove the passkey ${name}`}
                onClick={() => void storage.removePasskey(id)}
              >
                <Icon name="trash" />
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      {error !== undefined && <Problem error={error} />}
      <div class="row">
        <button type="button" class="button" disabled={busy} onClick={() => void add()}>
          {busy ? 'One moment…' : 'Add a passkey…'}
        </button>
      </div>
    </div>
  );
}
