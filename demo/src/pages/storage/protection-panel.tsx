import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Passkeys } from './passkeys.tsx';
import { PassphraseDialog } from './passphrase-dialog.tsx';

/** Who may read what is stored, and how it goes away. */
export function ProtectionPanel(): VNode {
  const { storage, library } = useStore();
  const [asking, setAsking] = useState<'encrypt' | 'change'>();
  const usage = storage.usage.value;
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
      {usage && (
        <>
          <p>
            {usage.encrypted
              ? 'Names, vectors and pictures are encrypted. Only the passphrase or a passkey opens them; locking asks for it again.'
              : 'It is not encrypted: whoever uses this browser profile can read it.'}
          </p>
          <div class="row">
            {usage.encrypted ? (
              <>
                <button type="button" class="button" onClick={storage.lock}>
                  <Icon name="lock" />
                  Lock
                </button>
                <button type="button" class="button" onClick={() => setAsking('change')}>
                  Change the passphrase…
                </button>
                <RenewButton />
              </>
            ) : (
              <button type="button" class="button" onClick={() => setAsking('encrypt')}>
                Encrypt…
              </button>
            )}
            <EraseButton what={`All ${count(usage.faces, 'face')}, their pictures`} />
          </div>
        </>
      )}
      {usage?.encrypted && <Passkeys />}
      {asking && <PassphraseDialog change={asking === 'change'} onClose={() => setAsking(undefined)} />}
    </section>
  );
}

/** What can be done while the passphrase is not given. */
export function LockedPanel(): VNode {
  return (
    <section class="panel stack-3" aria-label="Protection">
      <h2>Locked</h2>
      <p>
        Names, vectors and pictures are encrypted, and what is stored is told once they are unlocked above. If
        the passphrase is lost, all that is left is to erase everything and to begin anew.
      </p>
      <div class="row">
        <EraseButton what="All faces, their pictures" />
      </div>
    </section>
  );
}

/** Revokes the stored templates after a question that says what that is. */
function RenewButton(): VNode {
  const { storage, announcement } = useStore();
  const [asking, setAsking] = useState(false);
  const [isDone, setDone] = useState(false);
  const close = (): void => setAsking(false);
  const renew = async (): Promise<void> => {
    close();
    setDone(false);
    if (!(await storage.renew())) return;
    setDone(true);
    announcement.value = 'The templates are renewed.';
  };
  const progress = storage.renewing.value;
  if (progress !== undefined)
    return (
      <button type="button" class="button" disabled>
        Renewing the templates… {Math.floor(100 * progress)} %
      </button>
    );
  return (
    <>
      <button type="button" class="button" onClick={() => setAsking(true)}>
        Renew the templates…
      </button>
      {isDone && <span class="muted small">Renewed.</span>}
      {asking && (
        <Confirm title="Renew the templates?" action="Renew" onConfirm={() => void renew()} onClose={close}>
          <p>
            All vectors are turned by a new secret: what may have leaked of them cannot be compared with them
            any more. Matches and the passphrase stay; other tabs of this page have to be loaded again.
          </p>
        </Confirm>
      )}
    </>
  );
}

/** Erases everything after a question; `what` begins the sentence that says what goes. */
function EraseButton({ what }: { readonly what: string }): VNode {
  const { storage, announcement } = useStore();
  const [asking, setAsking] = useState(false);
  const close = (): void => setAsking(false);
  const erase = async (): Promise<void> => {
    close();
    if (await storage.eraseAll()) announcement.value = 'Everything is erased.';
  };
  return (
    <>
      <button type="button" class="button danger" onClick={() => setAsking(true)}>
        <Icon name="trash" />
        Erase everything…
      </button>
      {asking && (
        <Confirm
          title="Erase everything?"
          action="Erase everything"
          onConfirm={() => void erase()}
          onClose={close}
        >
          <p>{what}, all galleries and all jobs will be deleted for good, in all tabs.</p>
        </Confirm>
      )}
    </>
  );
}
