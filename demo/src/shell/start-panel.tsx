import type { VNode } from 'preact';
import { useStore } from '../state/store.ts';
import { Problem } from '../ui/problem.tsx';

/** How the start of the models is going; nothing once they are ready. */
export function StartPanel(): VNode | null {
  const { engine, library, settings } = useStore();
  const state = engine.state.value;
  if (state.kind === 'failed') {
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
