import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { bytes, count } from '../model/format.ts';
import { summarise, type StartProgress, type StartSummary } from '../state/start-progress.ts';
import { useStore } from '../state/store.ts';
import { Secret } from '../ui/secret.tsx';
import { Problem } from '../ui/problem.tsx';

/** How the start of the models is going; nothing once they are ready. */
export function StartPanel(): VNode | null {
  const { engine, library } = useStore();
  const state = engine.state.value;
  if (state.kind === 'starting') return <Starting progress={state.progress} />;
  if (state.kind === 'locked') return <Unlock wrong={state.wrong} />;
  const error = state.kind === 'failed' ? state.error : library.error.value;
  if (error === undefined) return null;
  // What is stored is opened anew, as another tab may have encrypted or deleted it.
  return <Problem error={error} onRetry={() => engine.start()} />;
}

function Starting({ progress }: { readonly progress: StartProgress }): VNode {
  const summary = summarise(progress);
  const what = titleOf(summary);
  const isMoving = summary && !summary.isRead && summary.total > 0;
  return (
    <div class="start" role="status">
      <div class="row between">
        <span>{what}…</span>
        {summary && <span class="muted small start-item">{amountOf(summary)}</span>}
      </div>
      <progress aria-label={what} {...(isMoving && { value: summary.done, max: summary.total })} />
    </div>
  );
}

function titleOf(summary: StartSummary | undefined): string {
  if (!summary) return 'Starting';
  if (summary.phase === 'gallery') return 'Opening the galleries';
  return summary.isRead ? 'Starting the models' : `Loading the model ${summary.item}`;
}

function amountOf({ phase, done, total, isRead }: StartSummary): string {
  const inWords = phase === 'models' ? bytes : (n: number) => count(n, 'face');
  if (isRead) return `${inWords(done)} read`;
  return total > 0 ? `${inWords(done)} of ${inWords(total)}` : inWords(done);
}

/** Asks for what opens an encrypted database. */
function Unlock({ wrong }: { readonly wrong: string | undefined }): VNode {
  const { engine, route } = useStore();
  const [passphrase, setPassphrase] = useState('');
  return (
    <form
      class="panel stack-3"
      aria-label="Unlock"
      onSubmit={(event) => {
        event.preventDefault();
        engine.start(passphrase);
      }}
    >
      <h2>The faces in this browser are locked</h2>
      <p>They are encrypted: only the passphrase, or a passkey that was added, opens them.</p>
      {wrong !== undefined && <p role="alert">{wrong}</p>}
      <div class="unlock-field">
        <Secret label="Passphrase" value={passphrase} onInput={setPassphrase} />
      </div>
      <div class="row">
        <button type="submit" class="button primary">
          Unlock
        </button>
        <button type="button" class="button" onClick={() => engine.start({ passkey: true })}>
          Use a passkey…
        </button>
        {route.page.value !== 'storage' && (
          <span class="muted small">
            A passphrase that is lost cannot be restored; everything can be erased on the page{' '}
            <a href="#/storage">Storage</a>.
          </span>
        )}
      </div>
    </form>
  );
}
