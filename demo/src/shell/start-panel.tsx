import type { VNode } from 'preact';
import { NearFaceError } from 'nearface';
import { useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import { Secret } from '../ui/secret.tsx';
import { Problem } from '../ui/problem.tsx';

/** How the start of the models is going; nothing once they are ready. */
export function StartPanel(): VNode | null {
  const { engine, library, settings } = useStore();
  const state = engine.state.value;
  if (state.kind === 'failed') {
    if (state.error instanceof NearFaceError && state.error.code === 'LOCKED')
      return <Unlock wrong={state.error.message.includes('does not open')} />;
    return <Problem error={state.error} onRetry={() => engine.start(settings.device.value)} />;
  }
  if (state.kind === 'ready') {
    const error = library.error.value;
    return error === undefined ? null : <Problem error={error} onRetry={() => void library.refresh()} />;
  }
  const { done = 0, total = 0, item = '', phase = 'models' } = state.progress ?? {};
  const what = phase === 'gallery' ? 'Opening the galleries' : 'Loading the models';
  return (
    <div class="start" role="status">
      <div class="row between">
        <span>{what}…</span>
        <span class="muted small start-item">{total ? `${item} · ${done} of ${total}` : item}</span>
      </div>
      <progress aria-label={what} {...(total ? { value: done, max: total } : {})} />
    </div>
  );
}

/** Asks for the passphrase of an encrypted database. */
function Unlock({ wrong }: { readonly wrong: boolean }): VNode {
  const { engine, settings } = useStore();
  const [passphrase, setPassphrase] = useState('');
  return (
    <form
      class="panel stack-3"
      aria-label="Unlock"
      onSubmit={(event) => {
        event.preventDefault();
        engine.start(settings.device.value, passphrase);
      }}
    >
      <h2>The faces in this browser are encrypted</h2>
      {wrong && <p role="alert">This passphrase does not open them.</p>}
      <Secret label="Passphrase" value={passphrase} onInput={setPassphrase} />
      <div class="row">
        <button type="submit" class="button primary">
          Unlock
        </button>
      </div>
    </form>
  );
}
